import type { Signal } from './otlp-proto.ts';

/** Codes of google.rpc (https://grpc.io/docs/guides/status-codes/) that receivers answer with. */
export const rpcCodes = {
  invalidArgument: 3,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

function delimited(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([field * 8 + 2, ...varint(value.length)]), value]);
}

/** `google.rpc.Status` in protobuf: code 1, message 2, details 3 (each a `google.protobuf.Any`). */
export function encodeStatus(code: number, message: string, details: readonly Buffer[] = []): Buffer {
  return Buffer.concat([
    Buffer.from([0x08, ...varint(code)]),
    delimited(2, Buffer.from(message)),
    ...details.map((detail) => delimited(3, detail)),
  ]);
}

/** `google.rpc.RetryInfo` as an Any: when to come again. */
export function retryInfo(seconds: number): Buffer {
  const duration = Buffer.from([0x08, ...varint(seconds)]);
  const typeUrl = Buffer.from('type.googleapis.com/google.rpc.RetryInfo');
  return Buffer.concat([delimited(1, typeUrl), delimited(2, delimited(1, duration))]);
}

const rejectedNames: Record<Signal, string> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

/** The answer to an export in protobuf: empty, or with `partial_success` in field 1 (rejected 1, error_message 2). */
export function encodeExportResponse(rejected: number, reason: string): Buffer {
  if (rejected === 0) return Buffer.alloc(0);
  const partial = Buffer.concat([Buffer.from([0x08, ...varint(rejected)]), delimited(2, Buffer.from(reason))]);
  return delimited(1, partial);
}

/** The answer to an export in JSON; a 64-bit number is text there. */
export function exportResponseJson(signal: Signal, rejected: number, reason: string): string {
  if (rejected === 0) return '{}';
  return JSON.stringify({ partialSuccess: { [rejectedNames[signal]]: String(rejected), errorMessage: reason } });
}
