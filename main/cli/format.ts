/** `1.2 s`, `340 ms`, `12 µs`: three figures at the most, in the unit that reads best. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '–';
  if (ms >= 60_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
  if (ms >= 1000) return `${(ms / 1000).toPrecision(3)} s`;
  if (ms >= 1) return `${Number(ms.toPrecision(3))} ms`;
  return `${Math.round(ms * 1000)} µs`;
}

/** Bytes in binary units, as `docker stats` has them: `12.4 MiB`. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A rate per second: `12/s`, `0.4/s`. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null) return '–';
  return `${perSecond >= 10 ? Math.round(perSecond) : Number(perSecond.toFixed(1))}/s`;
}

/** A share of 1 as percent: `3.2 %`. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `15m`, `1h`, `500ms`; null when it is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/.exec(text.trim());
  const unit = units[match?.[2] ?? ''];
  return match?.[1] && unit ? Number(match[1]) * unit : null;
}
