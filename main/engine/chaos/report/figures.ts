/** `1.6 s`, `340 ms`: as short as it reads well. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return '–';
  if (ms >= 59_950) {
    const seconds = Math.round(ms / 1000);
    return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  }
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${Number(ms.toFixed(1))} ms`;
}

export const percent = (share: number): string => `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))} %`;

export const perSecond = (rate: number): string => `${Number(rate.toFixed(rate < 10 ? 1 : 0))}/s`;

/** `2026-11-22 20:39:19 UTC` */
export const clock = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

/** The least of 1, 2, 5, 10, … times a power of ten that is not below the value: the top of an axis. */
export function niceTop(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value * 0.999) ?? 10;
  return factor * power;
}
