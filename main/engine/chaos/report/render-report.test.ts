import { expect, test } from 'vitest';
import type { ExperimentResult, StepRun } from '../../../contract/index.ts';
import { escapeXml } from './escape.ts';
import { layeredLayout } from './layered-layout.ts';
import { renderReport } from './render-report.ts';

const EVIL = `<script>alert("x")</script> & '<img src=x onerror=y>'`;

const step = (stage: StepRun['stage'], given: Partial<StepRun> = {}): StepRun => ({
  stage,
  name: `${stage} ${EVIL}`,
  type: stage === 'method' ? 'action' : 'probe',
  state: 'succeeded',
  startedAt: '2026-11-22T20:00:01.000Z',
  durationMs: 500,
  toleranceMet: stage === 'method' ? null : true,
  detail: EVIL,
  ...given,
});

function result(run: Partial<ExperimentResult['run']> = {}): ExperimentResult {
  const atMs = Date.parse('2026-11-22T20:00:05.000Z');
  const point = { atMs, rate: 4, errorRate: 0.5, p95Ms: 1200 };
  const fault = {
    id: 'f',
    kind: EVIL,
    target: { kind: 'edge' as const, from: EVIL, to: 'b' },
    parameters: {},
    since: '2026-11-22T20:00:01.000Z',
    until: null,
    state: 'active' as const,
    problem: EVIL,
    experiment: EVIL,
  };
  return {
    run: {
      id: 'r1',
      title: EVIL,
      name: 'x.yaml',
      fleet: EVIL,
      runtime: 'process',
      dry: false,
      startedAt: '2026-11-22T20:00:00.000Z',
      endedAt: '2026-11-22T20:00:10.000Z',
      status: 'completed',
      deviated: true,
      unsteady: false,
      stoppedBy: null,
      variables: { [EVIL]: EVIL, hidden: null },
      stage: 'ended',
      paused: false,
      steps: [
        step('before'),
        step('method', { state: 'failed' }),
        step('after', { toleranceMet: false }),
        step('after', { name: 'not come to', state: 'skipped', startedAt: null, durationMs: null, toleranceMet: null }),
      ],
      ...run,
    },
    journal: { experiment: { description: EVIL, 'steady-state-hypothesis': { title: EVIL } } },
    deviations: [EVIL],
    faults: [{ fault, fromMs: atMs - 4000, toMs: null }],
    charts: [
      { service: null, points: [point, { ...point, atMs: atMs + 1000 }] },
      { service: EVIL, points: [point, { ...point, atMs: atMs + 1000, errorRate: null, p95Ms: null }] },
    ],
    worst: {
      atMs,
      nodes: [
        { id: EVIL, kind: 'service', status: 'unhealthy', parent: null, faults: [EVIL] },
        { id: 'b', kind: 'service', status: 'healthy', parent: null, faults: [] },
      ],
      edges: [{ from: EVIL, to: 'b', rate: 1, errorRate: 1, p95Ms: 1500, faults: [EVIL] }],
    },
    traces: [
      {
        traceId: 't',
        name: EVIL,
        service: EVIL,
        startTime: '2026-11-22T20:00:05.000Z',
        durationMs: 900,
        isError: true,
        spans: [{ service: EVIL, name: EVIL, offsetMs: 0, durationMs: 900, isError: true, depth: 0 }],
      },
    ],
  };
}

test('nothing that a user named reaches the page as markup', () => {
  const { text } = renderReport(result(), 'html');
  expect(text).not.toMatch(/<script|<img|onerror=y>(?!')/);
  expect(text.split('&lt;script&gt;').length).toBeGreaterThan(15);
  expect(text).toContain("default-src 'none'");
  expect(text).not.toMatch(/\b(?:src|href)=(?!x )|url\((?!#)|@import/);
});

test('says what a run was given, except secrets', () => {
  const { text } = renderReport(result({ variables: { wait_ms: '900', password: null } }), 'html');
  expect(text).toContain('<li>With wait_ms <b>900</b></li><li>With password <b>that is secret</b></li>');
});

test.each([
  [{ deviated: true }, 'The fleet deviated from its steady state.'],
  [{ deviated: false }, 'The fleet held its steady state.'],
  [{ deviated: false, unsteady: true }, 'did not hold before'],
  [{ deviated: false, status: 'interrupted' as const }, 'ended early'],
  [{ deviated: false, status: 'aborted' as const }, 'broke off'],
  [{ deviated: false, status: 'failed' as const }, 'gave no answer'],
])('says the verdict of %j', (run, words) => {
  expect(renderReport(result(run), 'html').text).toContain(words);
});

test('a run without telemetry, faults or steps has a report, too', () => {
  const bare = {
    ...result({ steps: [], deviated: false }),
    charts: [],
    worst: null,
    traces: [],
    faults: [],
    deviations: [],
  };
  const { text } = renderReport(bare, 'html');
  expect(text).toContain('No service sent telemetry while it ran.');
  expect(text).not.toContain('NaN');
});

test('JUnit has a case for each probe and activity and for the verdict', () => {
  const { text, fileName } = renderReport(result({ title: 'A <b> & c' }), 'junit');
  expect(fileName).toBe('a-b-c-2026-11-22T200000.junit.xml');
  expect(text).toContain('<testsuites name="A &lt;b&gt; &amp; c" tests="5" failures="2" errors="1" time="10.000">');
  expect(text.match(/<testcase /g)).toHaveLength(5);
  expect(text.match(/<skipped\/>/g)).toHaveLength(1);
  expect(text).toContain('<failure message="the fleet deviated">');
  const unsteady = renderReport(result({ deviated: false, unsteady: true }), 'junit').text;
  expect(unsteady).toContain('<failure message="it did not hold before">');
});

test('a dry run that went well is not told as a fleet that held', () => {
  const dry = result({ deviated: false, dry: true });
  const { text } = renderReport(dry, 'html');
  expect(text).toContain('it proves nothing of the fleet');
  expect(text).not.toContain('The fleet held');
  const junit = renderReport(dry, 'junit').text;
  expect(junit).toContain('<skipped message="a dry run proves nothing of the fleet"/>');
  expect(junit).toContain('<testsuite name="verdict" tests="1" failures="0" errors="0" skipped="1">');
});

test('text that XML cannot hold is replaced', () => {
  expect(escapeXml('a\u0000b\u001bc\ud800d\te\nf😀')).toBe('a\ufffdb\ufffdc\ufffdd\te\nf😀');
});

test('callers stand left of what they call, stores at the right, whatever circles there are', () => {
  const nodes = ['web', 'a', 'b', 'alone', 'db'].map((id) => ({ id, isStore: id === 'db' }));
  const edges = [
    { from: 'web', to: 'a' },
    { from: 'a', to: 'b' },
    { from: 'b', to: 'a' },
    { from: 'b', to: 'db' },
    { from: 'db', to: 'alone' },
  ];
  expect(layeredLayout(nodes, edges).map((column) => [...column].sort())).toEqual([
    ['web'],
    ['a'],
    ['alone', 'b'],
    ['db'],
  ]);
});
