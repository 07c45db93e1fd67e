/** A trace id as the store's UUID text: the 32 hex digits with dashes. */
export function traceIdToUuid(traceId: string): string {
  return `${traceId.slice(0, 8)}-${traceId.slice(8, 12)}-${traceId.slice(12, 16)}-${traceId.slice(16, 20)}-${traceId.slice(20)}`;
}

/** The store's UUID text as a trace id of 32 hex digits. */
export function uuidToTraceId(uuid: string): string {
  return uuid.replaceAll('-', '');
}

/** A span id of 16 hex digits as the store's number. */
export function spanIdToNumber(spanId: string): bigint {
  return BigInt(`0x${spanId}`);
}

/** The store's number as a span id of 16 hex digits. */
export function numberToSpanId(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}
