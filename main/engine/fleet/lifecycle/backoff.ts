const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** After this long in health, an exit counts as the first again. */
export const SETTLED_MS = 60_000;

/** How long to wait before the next start after `exits` exits in a row: 0.5 s, doubled each time, at most 30 s. */
export function backoffMs(exits: number): number {
  const doublings = Math.max(0, Math.min(exits - 1, 30));
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** doublings);
}
