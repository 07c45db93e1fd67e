/** How many colours there are for series: `--series-1` to `--series-16` of the tokens. */
export const SERIES_COLORS = 16;

/** Where a name falls among the colours by itself; the same each time. FNV-1a with a last stir. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}

/**
 * Colours (1 to 16) for names: its own of each name where it is free, the next free one where an earlier name has it, so
 * that up to 16 names never share one and most keep theirs when the fleet changes. Beyond 16 they are shared evenly.
 */
export function serviceColors(names: readonly string[]): Map<string, number> {
  const uses = new Array<number>(SERIES_COLORS).fill(0);
  const colors = new Map<string, number>();
  for (const name of names) {
    if (colors.has(name)) continue;
    const round = Math.floor(colors.size / SERIES_COLORS);
    let slot = hash(name) % SERIES_COLORS;
    while ((uses[slot] ?? 0) > round) slot = (slot + 1) % SERIES_COLORS;
    uses[slot] = (uses[slot] ?? 0) + 1;
    colors.set(name, slot + 1);
  }
  return colors;
}

/** The colour of a name that is in no fleet. */
export function strangerColor(name: string): number {
  return (hash(name) % SERIES_COLORS) + 1;
}
