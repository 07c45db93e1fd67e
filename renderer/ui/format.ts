/** What a view writes where a number is not known. */
export const UNKNOWN = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Three significant digits at most, without trailing zeros: 0.42, 4.2, 42, 420. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  if (size >= 10) return String(Math.round(value * 10) / 10);
  return String(Math.round(value * 100) / 100);
}

/** A whole number with thousands apart: `12,340`. */
export function formatCount(value: number): string {
  return grouped.format(value);
}

/** A number that must stay narrow: `980`, `12.3k`, `4.1M`. */
export function formatCompact(value: number): string {
  const size = Math.abs(value);
  if (size >= 999_500_000) return `${short(value / 1e9)}G`;
  if (size >= 999_500) return `${short(value / 1e6)}M`;
  if (size >= 9_999.5) return `${short(value / 1e3)}k`;
  return size >= 100 ? grouped.format(value) : short(value);
}

/** How often a second: `0`, `0.4`, `11.8`, `96`, `1,240`, `12.3k`; the unit is the caller's. */
export function formatRateNumber(perSecond: number): string {
  if (perSecond <= 0) return '0';
  if (perSecond < 0.05) return '<0.1';
  if (perSecond < 9.95) return (Math.round(perSecond * 10) / 10).toString();
  if (perSecond < 99.5) return String(Math.round(perSecond));
  return formatCompact(Math.round(perSecond));
}

/** `11.8/s` */
export function formatRate(perSecond: number): string {
  return `${formatRateNumber(perSecond)}/s`;
}

/** A share of 0 to 1 as per cent without its sign: `0`, `<0.1`, `2.4`, `37`, `100`. Never `100` when it is not all. */
export function formatPercentNumber(share: number): string {
  const percent = share * 100;
  if (percent <= 0) return '0';
  if (percent < 0.1) return '<0.1';
  if (percent < 9.95) return (Math.round(percent * 10) / 10).toString();
  if (percent > 99 && percent < 100) return '>99';
  return String(Math.round(percent));
}

/** `37 %` */
export function formatPercent(share: number): string {
  return `${formatPercentNumber(share)} %`;
}

export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** A duration of milliseconds in the unit that reads best, value and unit apart: `{value: '2.04', unit: 's'}`. */
export function durationParts(ms: number | null): Quantity {
  if (ms === null || !Number.isFinite(ms)) return { value: UNKNOWN, unit: '' };
  if (ms < 0) {
    const positive = durationParts(-ms);
    return { value: `-${positive.value}`, unit: positive.unit };
  }
  if (ms === 0) return { value: '0', unit: 'ms' };
  if (ms < 0.9995) return { value: String(Math.max(1, Math.round(ms * 1000))), unit: 'µs' };
  if (ms < 9.95) return { value: String(Math.round(ms * 10) / 10), unit: 'ms' };
  if (ms < 999.5) return { value: String(Math.round(ms)), unit: 'ms' };
  if (ms < 9_995) return { value: (ms / 1000).toFixed(2), unit: 's' };
  if (ms < 59_950) return { value: (ms / 1000).toFixed(1), unit: 's' };
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600)
    return { value: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`, unit: 'min' };
  const minutes = Math.round(seconds / 60);
  return { value: `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`, unit: 'h' };
}

/** A duration of milliseconds as one word: `310 ms`, `2.04 s`, `1:12 min`. Exact enough to compare, short enough for a graph. */
export function formatDuration(ms: number | null): string {
  const { value, unit } = durationParts(ms);
  return unit === '' ? value : `${value} ${unit}`;
}

/** How long something has been so, without false precision: `8 s`, `14 min`, `3 h 20 min`, `2 d 4 h`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** Bytes in units of 1024, value and unit apart, by the same names as on the command line. */
export function bytesParts(bytes: number | null): Quantity {
  if (bytes === null) return { value: UNKNOWN, unit: '' };
  let value = bytes;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (Math.abs(value) < 1000) return { value: unit === 'B' ? String(Math.round(value)) : short(value), unit };
    value /= 1024;
  }
  return { value: short(value), unit: 'TiB' };
}

/** `182 MiB` */
export function formatBytes(bytes: number | null): string {
  const { value, unit } = bytesParts(bytes);
  return unit === '' ? value : `${value} ${unit}`;
}

/** CPU of one core: `0.4 %`, `37 %`, `140 %`. */
export function formatCpu(percent: number | null): string {
  if (percent === null) return UNKNOWN;
  return `${percent < 9.95 ? (Math.round(percent * 10) / 10).toString() : Math.round(percent)} %`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Local time of day with milliseconds: `13:04:11.208`. */
export function formatClock(ms: number): string {
  return `${formatTimeOfDay(ms)}.${String(Math.floor(((ms % 1000) + 1000) % 1000)).padStart(3, '0')}`;
}

/** Local time of day: `13:04:11`. */
export function formatTimeOfDay(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Local date and time of day: `2026-11-22 13:04:11`. */
export function formatDateTime(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatTimeOfDay(ms)}`;
}

/** How long ago: `now`, `12 s ago`, `14 min ago`. */
export function formatAgo(thenMs: number, nowMs: number): string {
  const ms = nowMs - thenMs;
  return ms < 2000 ? 'now' : `${formatSpan(ms)} ago`;
}

/** `1 error`, `2 errors`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
