import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApiOutput, NewLogRecord } from '../../main/contract/index.ts';
import { type OpenTelemetry, openTelemetry } from './open-telemetry.ts';

type Batch = ApiOutput<'logs.tail'>;

let telemetry: OpenTelemetry;
let ended: AbortController;

beforeEach(async () => {
  telemetry = await openTelemetry();
  ended = new AbortController();
});
afterEach(async () => {
  ended.abort();
  await telemetry.dispose();
});

const line = (message: string, more: Partial<NewLogRecord> = {}): NewLogRecord => ({
  timeMs: Date.now(),
  service: 'orders' as NewLogRecord['service'],
  instance: 'orders-1',
  level: 'info',
  message,
  traceId: null,
  spanId: null,
  attributes: {},
  source: 'stdout',
  ...more,
});
const lines = (from: number, to: number): NewLogRecord[] =>
  Array.from({ length: to - from }, (_, i) => line(`line ${from + i}`));

/** Follows a tail into an array, and counts what it was told to have missed. */
async function follow(input: { query?: string; credits: number; afterSeq?: number }) {
  const got = { streamId: '', lines: [] as Batch['lines'], skipped: 0, batches: 0, error: null as unknown };
  const stream = telemetry.handlers['logs.tail']({ query: '', ...input }, ended.signal)[Symbol.asyncIterator]();
  const first = await stream.next();
  got.streamId = (first.value as Batch).streamId;
  const read = async (): Promise<void> => {
    for (let next = await stream.next(); !next.done; next = await stream.next()) {
      got.lines.push(...next.value.lines);
      got.skipped += next.value.skipped;
      got.batches++;
    }
  };
  read().catch((error: unknown) => {
    got.error = error;
  });
  return got;
}

const messages = (batch: { lines: Batch['lines'] }): string[] => batch.lines.map(({ message }) => message);

test('lines come as they arrive, in order, numbered, in batches', async () => {
  const tail = await follow({ credits: 10_000 });
  telemetry.ingestLogs(lines(0, 3000));
  await vi.waitFor(() => expect(tail.lines).toHaveLength(3000), 5000);
  expect(messages(tail)).toEqual(lines(0, 3000).map(({ message }) => message));
  expect(tail.lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
  expect(tail.batches).toBeLessThan(60);
  expect(tail.skipped).toBe(0);
});

test('only what the query asks for comes, and costs credits', async () => {
  const tail = await follow({ query: 'service:payments level:error', credits: 1 });
  telemetry.ingestLogs([
    line('no'),
    line('no', { service: 'payments' as never }),
    line('yes', { service: 'payments' as never, level: 'error' }),
  ]);
  await vi.waitFor(() => expect(messages(tail)).toEqual(['yes']), 5000);
  expect(tail.skipped).toBe(0);
});

test('without credits lines are skipped and counted; with new ones it goes on', async () => {
  const tail = await follow({ credits: 10 });
  telemetry.ingestLogs(lines(0, 100));
  await vi.waitFor(() => expect([tail.lines.length, tail.skipped]).toEqual([10, 90]), 5000);
  await telemetry.handlers['logs.credit']({ streamId: tail.streamId, credits: 5 }, ended.signal);
  telemetry.ingestLogs(lines(100, 110));
  await vi.waitFor(() => expect([tail.lines.length, tail.skipped]).toEqual([15, 95]), 5000);
  expect(messages(tail).slice(10)).toEqual(lines(100, 105).map(({ message }) => message));
});

test('a reader that comes back gets what it missed, then what is new, each once', async () => {
  const before = await follow({ credits: 1000 });
  telemetry.ingestLogs(lines(0, 50));
  await vi.waitFor(() => expect(before.lines).toHaveLength(50), 5000);
  telemetry.ingestLogs(lines(50, 80));
  await vi.waitFor(() => expect(before.lines).toHaveLength(80), 5000);
  const tail = await follow({ credits: 1000, afterSeq: before.lines[29]?.seq ?? 0 });
  telemetry.ingestLogs(lines(80, 100));
  await vi.waitFor(() => expect(tail.lines).toHaveLength(70), 5000);
  expect(messages(tail)).toEqual(lines(30, 100).map(({ message }) => message));
  expect(tail.lines.map(({ seq }) => seq)).toEqual(tail.lines.map((_, i) => 31 + i));
});

test('a query that is not understood is refused at the word', async () => {
  await expect(follow({ query: 'duration>', credits: 1 })).rejects.toMatchObject({ code: 'QUERY_SYNTAX' });
});

test('credits for a stream that is none are refused', async () => {
  expect(() => telemetry.handlers['logs.credit']({ streamId: 'none', credits: 1 }, ended.signal)).toThrow(/log stream/);
});

test('numbers go on after a restart', async () => {
  const first = await follow({ credits: 100 });
  telemetry.ingestLogs(lines(0, 10));
  await vi.waitFor(() => expect(first.lines).toHaveLength(10), 5000);
  await telemetry.close();
  telemetry = await openTelemetry({ home: telemetry.home });
  const tail = await follow({ credits: 100, afterSeq: first.lines[7]?.seq ?? 0 });
  telemetry.ingestLogs(lines(10, 12));
  await vi.waitFor(() => expect(messages(tail)).toEqual(['line 8', 'line 9', 'line 10', 'line 11']), 5000);
  expect(tail.lines[2]?.seq).toBeGreaterThan(first.lines[9]?.seq ?? 0);
});
