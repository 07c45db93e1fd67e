import type { TimeRange } from '../../main/contract/index.ts';

/** What every view shares in its address. All text, as addresses are; the functions below give it meaning. */
export interface ConsoleSearch {
  /** What is selected: a node's id, or `from~to` for an edge. */
  sel?: string;
  /** The drawer's tab. */
  tab?: string;
  /** How far back a live view looks: `90s`, `15m`, `2h`. */
  last?: string;
  /** A stretch of the past, epoch milliseconds; both or neither. */
  from?: string;
  to?: string;
  /** The search of logs and traces. */
  q?: string;
  /** The fault that is prepared in the drawer, with its parameters; see `parsePrepared` of the chaos feature. */
  fault?: string;
}

export const DEFAULT_LAST_MS = 15 * 60_000;
/** Rates, errors and p95 "now" are those of the last minute: shorter than the view's range, so that a change shows at once. */
export const RATE_WINDOW_MS = 60_000;

const NAMES = ['sel', 'tab', 'last', 'from', 'to', 'q', 'fault'] as const;
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Text after `?` as names and values; the last of equal names counts. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Names and values as text after `?`, with it; leaves out what is empty. Keeps `/`, `~` and `:` readable. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(search).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [`${encodePart(name)}=${encodePart(String(value))}`],
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function encodePart(text: string): string {
  return encodeURIComponent(text)
    .replace(/%2F/g, '/')
    .replace(/%3A/g, ':')
    .replace(/%3B/g, ';')
    .replace(/%3D/g, '=')
    .replace(/%20/g, '+');
}

/** Only what is shared by all views, with what makes no sense left out. */
export function readConsoleSearch(raw: Readonly<Record<string, unknown>>): ConsoleSearch {
  const search: ConsoleSearch = {};
  for (const name of NAMES) {
    const value = raw[name];
    if (typeof value === 'string' && value !== '') search[name] = value;
  }
  if (search.last && parseLast(search.last) === null) search.last = undefined;
  if (!fixedRange(search)) {
    search.from = undefined;
    search.to = undefined;
  }
  return search;
}

/** `15m` in milliseconds; null when it is not of that form, or over a week. */
export function parseLast(text: string): number | null {
  const match = /^(\d{1,6})([smh])$/.exec(text);
  if (!match) return null;
  const ms = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  return ms > 0 && ms <= 7 * 24 * 3_600_000 ? ms : null;
}

/** Milliseconds as `15m`, in the largest unit that is exact. */
export function formatLast(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds % 60 === 0) return `${seconds / 60}m`;
  return `${seconds}s`;
}

function fixedRange(search: ConsoleSearch): { fromMs: number; toMs: number } | null {
  if (search.from === undefined || search.to === undefined) return null;
  const fromMs = Number(search.from);
  const toMs = Number(search.to);
  return Number.isFinite(fromMs) && Number.isFinite(toMs) && fromMs >= 0 && toMs > fromMs ? { fromMs, toMs } : null;
}

/** The range that views look at: a stretch of the past where one is given, else the last so many minutes. */
export function timeRangeOf(search: ConsoleSearch): TimeRange {
  return fixedRange(search) ?? { lastMs: lastMsOf(search) };
}

/** How far back live views look, also while a stretch of the past is shown. */
export function lastMsOf(search: ConsoleSearch): number {
  return (search.last ? parseLast(search.last) : null) ?? DEFAULT_LAST_MS;
}

/** The range for rates and health: the last minute while live, the chosen stretch otherwise. */
export function rateRangeOf(search: ConsoleSearch): TimeRange {
  return fixedRange(search) ?? { lastMs: Math.min(RATE_WINDOW_MS, lastMsOf(search)) };
}

export type Selection =
  | { readonly kind: 'node'; readonly id: string }
  | { readonly kind: 'edge'; readonly from: string; readonly to: string };

/** Ids hold letters, digits, `.`, `_`, `-` and `/`, never `~`. */
const EDGE_SEPARATOR = '~';

export function parseSelection(text: string | undefined): Selection | null {
  if (!text) return null;
  const parts = text.split(EDGE_SEPARATOR);
  if (parts.length === 1) return { kind: 'node', id: text };
  const [from, to] = parts;
  return parts.length === 2 && from && to ? { kind: 'edge', from, to } : null;
}

export function formatSelection(selection: Selection): string {
  return selection.kind === 'node' ? selection.id : `${selection.from}${EDGE_SEPARATOR}${selection.to}`;
}
