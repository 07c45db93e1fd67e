import type { KafkaMessage } from '../../contract/index.ts';
import { decodeBytes, headerText } from './decode-bytes.ts';
import type { RawRecord } from './records/read-records.ts';

/** W3C Trace Context: version, trace id, parent id, flags. A trace id of zeros is none. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;
/** What a JavaScript date can hold. */
const MAX_TIME_MS = 8.64e15;

function isoTime(epochMs: number): string {
  return new Date(Math.max(0, Math.min(epochMs, MAX_TIME_MS))).toISOString();
}

function traceIdOf(record: RawRecord): string | null {
  const header = record.headers.find(({ name }) => name.toLowerCase() === 'traceparent');
  return TRACEPARENT.exec(header?.value?.toString('latin1') ?? '')?.[1] ?? null;
}

/** A record as the console shows it. */
export function toMessage(topic: string, partition: number, record: RawRecord): KafkaMessage {
  return {
    topic,
    partition,
    offset: String(record.offset),
    timestamp: isoTime(record.timestamp),
    key: decodeBytes(record.key),
    headers: record.headers.map(({ name, value }) => ({ name, value: headerText(value) })),
    value: decodeBytes(record.value),
    traceId: traceIdOf(record),
  };
}

/** A message that is there but cannot be read, said in its value's place. */
export function unreadableMessage(
  topic: string,
  partition: number,
  offset: number,
  timeMs: number,
  problem: string,
): KafkaMessage {
  return {
    topic,
    partition,
    offset: String(offset),
    timestamp: isoTime(timeMs),
    key: decodeBytes(null),
    headers: [],
    value: { format: 'text', text: `(${problem})`, bytes: 0, truncated: false },
    traceId: null,
  };
}
