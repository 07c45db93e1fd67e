const KEPT = 60;
const MOST_SERIES = 500;
const series = new Map<string, { atMs: number; values: number[] }>();

/** Adds a measurement to a series that the engine does not keep; at most one per `atMs`. Gives the last 60, oldest first. */
export function recordHistory(name: string, value: number | null, atMs: number): readonly number[] {
  let known = series.get(name);
  if (!known) {
    if (series.size >= MOST_SERIES) series.delete(series.keys().next().value ?? '');
    known = { atMs: 0, values: [] };
    series.set(name, known);
  }
  if (value !== null && atMs !== known.atMs) {
    known.atMs = atMs;
    known.values = [...known.values, value].slice(-KEPT);
  }
  return known.values;
}
