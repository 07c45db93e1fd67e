/**
 * Waits for all of them, also where one fails: what is still on its way would come about after what is done because of the
 * failure. @throws what the first of them failed with
 */
export async function allSettled(work: Iterable<Promise<unknown>>): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
