import { describe, expect, it } from 'vitest';
import type { FaultKind, FaultParameterSpec } from '../../../main/contract/index.ts';
import { formatPrepared, lastsProblem, parsePrepared, requested, valueProblem } from './prepared-fault.ts';

const spec = (change: Partial<FaultParameterSpec>): FaultParameterSpec => ({
  name: 'latencyMs',
  title: 'Latency',
  type: 'integer',
  unit: 'ms',
  min: 0,
  max: 3_600_000,
  choices: [],
  default: 1000,
  description: '',
  ...change,
});
const path = spec({ name: 'path', title: 'Path', type: 'text', unit: null, min: null, max: null, default: null });
const kind = (parameters: FaultParameterSpec[], isMoment = false): FaultKind => ({
  kind: 'latency',
  title: 'Latency',
  description: '',
  scope: 'edge',
  parameters,
  runtimes: { process: null, docker: null, kubernetes: null },
  expect: '',
  isMoment,
});

describe('what is prepared, in the address', () => {
  it('reads as it was written, whatever stands in it', () => {
    const prepared = { kind: 'http-abort', values: { path: '/a=b;c%', status: '503' }, lasts: '30' };
    expect(parsePrepared(formatPrepared(prepared))).toEqual(prepared);
    expect(formatPrepared({ kind: 'latency', values: { latencyMs: '2000', percent: '50' }, lasts: '60' })).toBe(
      'latency;latencyMs=2000;percent=50',
    );
  });
  it('takes what makes no sense for nothing', () => {
    expect(parsePrepared(undefined)).toBeNull();
    expect(parsePrepared('latency;;=3;x;percent=%E0%')).toEqual({
      kind: 'latency',
      values: { percent: '%E0%' },
      lasts: '60',
    });
  });
});

it('says what is wrong with a value, with bounds and unit', () => {
  expect(valueProblem(spec({}), '2000')).toBeNull();
  for (const wrong of ['', '-1', '1.5', 'soon', '3600001'])
    expect(valueProblem(spec({}), wrong)).toBe('A whole number from 0 to 3,600,000 ms.');
  expect(valueProblem(spec({ type: 'number', unit: null, min: 0.01, max: 64 }), '0')).toBe('A number from 0.01 to 64.');
  expect(valueProblem(path, ' ')).toBe('Path is needed.');
  expect(valueProblem({ ...path, default: '' }, '')).toBeNull();
  expect(valueProblem(spec({ type: 'choice', choices: ['reset', 'hang'] }), 'rest')).toBe('One of reset, hang.');
  expect(lastsProblem('0')).not.toBeNull();
  expect(lastsProblem('90000')).not.toBeNull();
  expect(lastsProblem('ever')).toBeNull();
});

it('asks for what was changed, and for nothing while something is wrong', () => {
  const prepared = { kind: 'latency', values: { latencyMs: '2000' }, lasts: '30' };
  expect(requested(kind([spec({})]), prepared)).toEqual({
    kind: 'latency',
    parameters: { latencyMs: 2000 },
    forSeconds: 30,
  });
  expect(requested(kind([spec({})]), { ...prepared, lasts: 'ever' })?.forSeconds).toBeNull();
  expect(requested(kind([spec({})]), { ...prepared, lasts: 'x' })).toBeNull();
  expect(requested(kind([spec({})], true), { ...prepared, lasts: 'x' })?.forSeconds).toBe(60);
  expect(requested(kind([spec({}), path]), prepared)).toBeNull();
});
