import { LogLevel, levelRank } from '../../../main/contract/index.ts';
import { valuesOf, withValues } from '../../app/search-edit.ts';

/** The switches of the toolbar: each stands for one level or two. */
export const LEVEL_SWITCHES = [
  { label: 'Debug', levels: ['trace', 'debug'] },
  { label: 'Info', levels: ['info'] },
  { label: 'Warn', levels: ['warn'] },
  { label: 'Error', levels: ['error', 'fatal'] },
] as const satisfies readonly { label: string; levels: readonly LogLevel[] }[];

const COMPARE: Readonly<Record<string, (rank: number, bound: number) => boolean>> = {
  '>': (rank, bound) => rank > bound,
  '>=': (rank, bound) => rank >= bound,
  '<': (rank, bound) => rank < bound,
  '<=': (rank, bound) => rank <= bound,
};

/** The levels that a search asks for; empty when it does not narrow them. */
export function levelsOf(query: string): readonly LogLevel[] {
  const found = valuesOf(query, 'level');
  if (!found) return [];
  const [first] = found.values;
  const compare = found.comparison === null ? undefined : COMPARE[found.comparison];
  const bound = LogLevel.safeParse(first?.toLowerCase());
  if (compare)
    return bound.success ? LogLevel.options.filter((one) => compare(levelRank(one), levelRank(bound.data))) : [];
  return LogLevel.options.filter((one) => found.values.some((value) => value.toLowerCase() === one));
}

/** The search with the levels of a switch asked for, or no longer; with all of them or none it says nothing of levels. */
export function toggleLevels(query: string, levels: readonly LogLevel[]): string {
  const chosen = new Set(levelsOf(query));
  const on = levels.every((level) => chosen.has(level));
  for (const level of levels) {
    if (on) chosen.delete(level);
    else chosen.add(level);
  }
  const next = LogLevel.options.filter((level) => chosen.has(level));
  return withValues(query, 'level', next.length === LogLevel.options.length ? [] : next);
}
