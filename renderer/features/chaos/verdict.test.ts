import { expect, it } from 'vitest';
import type { StepRun } from '../../../main/contract/index.ts';
import { pairSteps, runMs, stepVerdict, verdictOf, verdictSentence } from './verdict.ts';

const step = (change: Partial<StepRun>): StepRun => ({
  stage: 'method',
  name: 'Payments are slow',
  type: 'action',
  state: 'succeeded',
  startedAt: null,
  durationMs: 10,
  toleranceMet: null,
  detail: null,
  ...change,
});

it('judges a run: what did not hold outweighs how it ended', () => {
  const of = (status: Parameters<typeof verdictOf>[0]['status'], deviated = false, unsteady = false) =>
    verdictOf({ status, deviated, unsteady, dry: false }).word;
  expect(of('completed')).toBe('Passed');
  expect(of('completed', true)).toBe('Deviated');
  expect(of('completed', false, true)).toBe('Not steady');
  expect(of('failed', true)).toBe('Deviated');
  expect(of('failed')).toBe('Failed');
  expect(of('aborted')).toBe('Aborted');
  expect(of('interrupted')).toBe('Interrupted');
  expect(of('running')).toBe('Running');
  const aborted = {
    status: 'aborted',
    deviated: false,
    unsteady: false,
    dry: false,
    stoppedBy: 'the error rate of gateway',
  } as const;
  expect(verdictSentence(aborted)).toContain('It was ended early: the error rate of gateway.');
  expect(verdictSentence({ ...aborted, status: 'completed', unsteady: true })).toContain('nothing was tried');
  expect(verdictOf({ ...aborted, status: 'completed', dry: true }).word).toBe('Dry run');
  expect(verdictSentence({ ...aborted, status: 'completed', dry: true, stoppedBy: null })).toMatch(/^A dry run/);
});

it('judges a step: a probe outside of its tolerance was not met', () => {
  expect(stepVerdict(step({})).word).toBe('Done');
  expect(stepVerdict(step({ type: 'probe', toleranceMet: true })).word).toBe('Met');
  expect(stepVerdict(step({ type: 'probe', toleranceMet: false })).tone).toBe('error');
  expect(stepVerdict(step({ state: 'failed' })).word).toBe('Failed');
  expect(stepVerdict(step({ state: 'skipped' })).word).toBe('Skipped');
});

it('tells how long a run took, or takes', () => {
  const startedAt = new Date(1000).toISOString();
  expect(runMs({ startedAt, endedAt: new Date(4000).toISOString() }, 9000)).toBe(3000);
  expect(runMs({ startedAt, endedAt: null }, 9000)).toBe(8000);
});

it('lays the steps of two runs beside each other', () => {
  const probe = (stage: StepRun['stage'], toleranceMet: boolean) =>
    step({ stage, name: 'Served', type: 'probe', toleranceMet });
  const pairs = pairSteps(
    [probe('before', true), step({}), probe('after', false)],
    [probe('before', true), step({}), step({ name: 'Wait' }), probe('after', true)],
  );
  expect(pairs.map(({ stage, name, differs }) => [stage, name, differs])).toEqual([
    ['before', 'Served', false],
    ['method', 'Payments are slow', false],
    ['method', 'Wait', true],
    ['after', 'Served', true],
  ]);
  expect(pairs[2]?.a).toBeNull();
});
