/** Bytes that are not what the protocol says they should be. The connection that sent them is closed. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}
