import { expect, onTestFinished, test, vi } from 'vitest';
import type { ExperimentRunView, StepRun } from '../../contract/index.ts';
import { StepLines } from './step-lines.ts';

const step = (name: string, given: Partial<StepRun> = {}): StepRun => ({
  stage: 'method',
  name,
  type: 'action',
  state: 'waiting',
  startedAt: null,
  durationMs: null,
  toleranceMet: null,
  detail: null,
  ...given,
});
const view = (...steps: StepRun[]): ExperimentRunView => ({ paused: false, steps }) as unknown as ExperimentRunView;

test('a pause is told once when it begins, with its length', () => {
  const told: string[] = [];
  const writing = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told.push(String(text).trim());
    return true;
  });
  onTestFinished(() => writing.mockRestore());
  const lines = new StepLines();
  const done = { state: 'succeeded', durationMs: 12 } as const;
  lines.show(view(step('late', { pause: { when: 'before', seconds: 3 } }), step('other')));
  lines.show(view(step('late', { ...done, pause: { when: 'after', seconds: 25 } }), step('other')));
  lines.show(view(step('late', { ...done, pause: { when: 'after', seconds: 25 } }), step('other', done)));
  expect(told).toEqual([
    'Method',
    '… waits 3.00 s before “late”',
    '✓ late 12 ms',
    '… waits 25.0 s after “late”',
    '✓ other 12 ms',
  ]);
});
