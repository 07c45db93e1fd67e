import { expect, test } from 'vitest';
import type { ExperimentRunView } from '../../contract/index.ts';
import { verdictText } from './verdict.ts';

const run = (given: Partial<ExperimentRunView>): ExperimentRunView => ({
  id: 'r1',
  title: 'T',
  name: null,
  fleet: 'shop',
  runtime: 'process',
  dry: false,
  startedAt: '2026-11-22T20:00:00.000Z',
  endedAt: '2026-11-22T20:00:10.000Z',
  status: 'completed',
  deviated: false,
  unsteady: false,
  stoppedBy: null,
  variables: {},
  stage: 'ended',
  paused: false,
  steps: [],
  ...given,
});

test.each([
  [{}, 'The fleet held its steady state.'],
  [{ dry: true }, 'A dry run: what was carried out went well, and as something was left out it proves nothing'],
  [{ dry: true, deviated: true }, 'The fleet deviated'],
  [{ dry: true, status: 'aborted' as const }, 'It broke off.'],
])('%j: %s', (given, words) => {
  const [headline] = verdictText({ run: run(given), deviations: [] }).split('\n');
  expect(headline?.startsWith(words), headline).toBe(true);
});
