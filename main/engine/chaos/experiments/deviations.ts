import type { ActivityRun, Journal, SteadyState } from './journal.ts';
import { detailOf } from './run-view.ts';

/** What did not hold, a sentence each. */
export function deviationsOf(journal: Journal): string[] {
  const { before, during, after } = journal.steady_states;
  const startMs = Date.parse(journal.start);
  return [
    ...notMet(before, 'Before the method'),
    ...duringText(during, startMs),
    ...notMet(after, 'After the method'),
    ...failed(journal.run, 'In the method'),
    ...failed(journal.rollbacks, 'In the rollbacks'),
    ...(journal.flotilla.stopped_by === null ? [] : [`It was ended early: ${journal.flotilla.stopped_by}.`]),
  ];
}

function notMet(state: SteadyState | null, when: string): string[] {
  const last = state?.steady_state_met === false ? state.probes.at(-1) : undefined;
  return last === undefined ? [] : [`${when}, ${sentence(last)}`];
}

/** The first look that was off says what; the others are counted. */
function duringText(during: readonly SteadyState[], startMs: number): string[] {
  const off = during.filter((state) => state.steady_state_met === false);
  const first = off[0]?.probes.at(-1);
  if (first === undefined) return [];
  const at = Math.round((Date.parse(first.start) - startMs) / 1000);
  const share = `${off.length} of ${during.length} ${during.length === 1 ? 'look' : 'looks'}`;
  return [`During the method (${share}, first after ${at} s), ${sentence(first)}`];
}

function failed(runs: readonly ActivityRun[], when: string): string[] {
  return runs.filter((run) => run.status === 'failed').map((run) => `${when}, ${sentence(run)}`);
}

function sentence(run: ActivityRun): string {
  const said = (detailOf(run) ?? 'it gave no output').replace(/\.$/, '');
  return `“${String(run.activity.name)}”: ${said}.`;
}
