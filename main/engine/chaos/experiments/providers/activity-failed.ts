import { substitute, type Variables } from '../substitute.ts';

/** An activity came to no output. The message is a clause that says why. */
export class ActivityFailedError extends Error {}

/** Where the file gives no timeout. Chaos Toolkit waits for ever; an experiment that hangs keeps its faults on. */
const DEFAULT_TIMEOUT_S = 60;

/** @throws ActivityFailedError when a variable makes it something that is no number of seconds */
export function timeoutMs(timeout: number | string | null, variables: Variables): number {
  const seconds = timeout === null ? DEFAULT_TIMEOUT_S : Number(substitute(timeout, variables));
  if (!(seconds > 0)) throw new ActivityFailedError(`the timeout ${timeout} is no number of seconds`);
  return Math.min(seconds, 86_400) * 1000;
}
