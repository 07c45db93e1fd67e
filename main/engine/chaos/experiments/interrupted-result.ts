import type { ExperimentResult } from '../../../contract/index.ts';

const REASON = 'the engine ended while it ran';

/** A run that an engine left when it died: aborted, as far as it had come. Its faults are taken off by their ledger. */
export function interruptedResult(result: ExperimentResult): ExperimentResult {
  const endedAt = result.run.steps
    .flatMap(({ startedAt, durationMs }) => (startedAt === null ? [] : [Date.parse(startedAt) + (durationMs ?? 0)]))
    .reduce((latest, one) => Math.max(latest, one), Date.parse(result.run.startedAt));
  const end = new Date(endedAt).toISOString();
  const steps = result.run.steps.map((step) =>
    step.state === 'waiting' || step.state === 'running' ? { ...step, state: 'skipped' as const } : step,
  );
  const run = { ...result.run, status: 'aborted' as const, stoppedBy: REASON, endedAt: end, stage: 'ended' as const };
  return {
    ...result,
    run: { ...run, paused: false, steps },
    journal: { ...result.journal, status: 'aborted', end, flotilla: { stopped_by: REASON } },
    deviations: [...result.deviations, `It was ended early: ${REASON}.`],
    faults: result.faults.map((one) => ({ ...one, toMs: one.toMs ?? endedAt })),
  };
}
