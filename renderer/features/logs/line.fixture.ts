import type { LogRecord } from '../../../main/contract/index.ts';

/** A plain line of a service, told from others by its number. */
export const line = (seq: number): LogRecord => ({
  seq,
  time: new Date(seq * 1000).toISOString(),
  service: 'orders',
  instance: 'orders-1',
  level: 'info',
  message: `line ${seq}`,
  traceId: null,
  spanId: null,
  attributes: {},
  source: 'stdout',
});

export const lines = (from: number, count: number): LogRecord[] =>
  Array.from({ length: count }, (_, index) => line(from + index));
