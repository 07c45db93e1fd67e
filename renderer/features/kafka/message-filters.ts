import type { KafkaMessage, KafkaMessageQuery } from '../../../main/contract/index.ts';

/** What of a topic's messages is shown, as it stands in the address: all text, absent for the usual. */
export interface MessageFilters {
  /** Where to begin (`from` is the console's range): `earliest`, an offset as `o123`, a time as `t` and epoch milliseconds; absent: the newest. */
  readonly at?: string;
  readonly partition?: string;
  readonly key?: string;
  readonly text?: string;
  readonly limit?: string;
  /** `1`: ask for the newest each second. */
  readonly live?: string;
  /** The message that is unfolded: `2@123`. */
  readonly message?: string;
}

export const FILTER_NAMES = ['at', 'partition', 'key', 'text', 'limit', 'live', 'message'] as const;
export const LIMITS = [50, 100, 500, 1000] as const;
export const DEFAULT_LIMIT = 100;

/** The filters of an address, without what makes no sense. */
export function readFilters(raw: Readonly<Record<string, unknown>>): MessageFilters {
  const filters: Partial<Record<(typeof FILTER_NAMES)[number], string>> = {};
  for (const name of FILTER_NAMES) {
    const value = raw[name];
    if (typeof value === 'string' && value !== '' && value.length <= 2000) filters[name] = value;
  }
  if (filters.at && !/^(earliest|o\d{1,19}|t\d{1,15})$/.test(filters.at)) delete filters.at;
  if (filters.partition && !/^\d{1,6}$/.test(filters.partition)) delete filters.partition;
  if (filters.limit && !LIMITS.some((limit) => String(limit) === filters.limit)) delete filters.limit;
  return filters;
}

/** Where to begin, as the engine understands it. */
export function startOf(from: string | undefined): KafkaMessageQuery['from'] {
  if (from === undefined) return { at: 'latest' };
  if (from === 'earliest') return { at: 'earliest' };
  if (from.startsWith('o')) return { at: 'offset', offset: from.slice(1) };
  return { at: 'time', timeMs: Number(from.slice(1)) };
}

/** The question to the engine. In the past of the console, `pastFromMs`, the newest means those from there on. */
export function messageQuery(topic: string, filters: MessageFilters, pastFromMs: number | null): KafkaMessageQuery {
  const from =
    filters.at === undefined && pastFromMs !== null
      ? ({ at: 'time', timeMs: pastFromMs } as const)
      : startOf(filters.at);
  return {
    topic,
    from,
    limit: filters.limit === undefined ? DEFAULT_LIMIT : Number(filters.limit),
    ...(filters.partition === undefined ? {} : { partition: Number(filters.partition) }),
    ...(filters.key === undefined ? {} : { key: filters.key }),
    ...(filters.text === undefined ? {} : { text: filters.text }),
  };
}

/** What names a message within its topic: `2@123`. */
export function messageId(message: Pick<KafkaMessage, 'partition' | 'offset'>): string {
  return `${message.partition}@${message.offset}`;
}

/** The newest first when the newest were asked for, else the oldest first; equal times by partition and offset. */
export function inOrder(messages: readonly KafkaMessage[], newestFirst: boolean): KafkaMessage[] {
  const sign = newestFirst ? -1 : 1;
  return [...messages].sort(
    (a, b) =>
      sign *
      (Date.parse(a.timestamp) - Date.parse(b.timestamp) ||
        a.partition - b.partition ||
        compareOffsets(a.offset, b.offset)),
  );
}

/** Offsets have 64 bits: more than a number holds. */
function compareOffsets(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** How many messages lie between two offsets; exact as far as a double is. */
export function between(earliest: string, latest: string): number {
  return Number(BigInt(latest) - BigInt(earliest));
}

/** A time as the field for local time has it, `2026-11-22T13:04:11`, and back. */
export function toLocalInput(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}
export function fromLocalInput(text: string): number | null {
  const ms = new Date(text).getTime();
  return Number.isFinite(ms) ? ms : null;
}
