import type { ActivityRun } from './journal.ts';

/**
 * Bounds what a journal keeps of an activity's output, which tolerances have judged by then. What is left out is said in its
 * place; a status stays.
 */
export function clipOutput(run: ActivityRun, mostCharacters: number): void {
  const text = JSON.stringify(run.output) ?? '';
  if (text.length <= mostCharacters) return;
  const note = `left out: ${text.length} characters of output`;
  const { output } = run;
  const status = typeof output === 'object' && output !== null && 'status' in output ? { status: output.status } : null;
  run.output = status === null ? note : { ...status, note };
}
