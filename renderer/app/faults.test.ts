import { describe, expect, it } from 'vitest';
import type { FaultKind, FaultView } from '../../main/contract/index.ts';
import {
  calledOver,
  faultsOnEdge,
  faultText,
  flagText,
  formatLeft,
  leftText,
  type Place,
  parameterText,
  targetText,
} from './faults.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const fault = (change: Partial<FaultView> = {}): FaultView => ({
  id: 'f1',
  kind: 'latency',
  target: { kind: 'edge', from: 'orders', to: 'payments' },
  parameters: { latencyMs: 2000, jitterMs: 0, percent: 50, stream: 'downstream' },
  since: new Date(NOW - 19_000).toISOString(),
  until: new Date(NOW + 41_000).toISOString(),
  state: 'active',
  problem: null,
  experiment: null,
  ...change,
});
const spec = (
  name: string,
  unit: string | null,
  initial: string | number | null,
  type: 'number' | 'text' = 'number',
) => ({
  name,
  title: name,
  type,
  unit,
  min: 0,
  max: 100_000,
  choices: [],
  default: initial,
  description: '',
});
const latency = {
  kind: 'latency',
  title: 'Latency',
  parameters: [
    spec('latencyMs', 'ms', 1000),
    spec('jitterMs', 'ms', 0),
    spec('percent', '%', 100),
    spec('stream', null, 'downstream', 'text'),
  ],
} as unknown as FaultKind;
const place = (id: string, service: string | null = id): Place => ({ id, service }) as unknown as Place;

describe('which calls a line of the topology is about', () => {
  it('is that between two services', () => {
    expect(calledOver(place('orders'), place('payments'))).toEqual({ from: 'orders', to: 'payments' });
  });
  it('is the call of the server that holds a database, and of the broker for either side of a topic', () => {
    expect(calledOver(place('orders'), place('postgres/orders', 'postgres'))).toEqual({
      from: 'orders',
      to: 'postgres',
    });
    const topic = place('kafka/order-events', 'kafka');
    expect(calledOver(place('orders'), topic)).toEqual({ from: 'orders', to: 'kafka' });
    expect(calledOver(topic, place('shipping'))).toEqual({ from: 'shipping', to: 'kafka' });
  });
  it('keeps what is outside of the fleet by its own name', () => {
    expect(calledOver(place('payments'), place('bank', null))).toEqual({ from: 'payments', to: 'bank' });
  });
  it('finds the faults on it and no others', () => {
    const other = fault({ id: 'f2', target: { kind: 'edge', from: 'orders', to: 'inventory' } });
    const onService = fault({ id: 'f3', target: { kind: 'service', service: 'payments' } });
    const found = faultsOnEdge([fault(), other, onService], place('orders'), place('payments'));
    expect(found.map((one) => one.id)).toEqual(['f1']);
  });
});

it('counts down in the unit that reads best', () => {
  expect(formatLeft(41_000)).toBe('41 s');
  expect(formatLeft(400)).toBe('1 s');
  expect(formatLeft(60_000)).toBe('1:00');
  expect(formatLeft(247_000)).toBe('4:07');
  expect(formatLeft(3_750_000)).toBe('1:02:30');
  expect(leftText(fault({ until: null }), NOW)).toBe('until ended');
  expect(leftText(fault({ state: 'failed' }), NOW)).toBe('failed');
});

it('says what is injected, or how much', () => {
  expect(flagText([], [latency], NOW)).toBeNull();
  expect(flagText([fault()], [latency], NOW)).toBe('Latency · 41 s');
  expect(flagText([fault()], undefined, NOW)).toBe('Latency · 41 s');
  expect(flagText([fault(), fault({ until: new Date(NOW + 70_000).toISOString() })], [latency], NOW)).toBe(
    '2 faults · 1:10',
  );
  expect(flagText([fault(), fault({ until: null })], [latency], NOW)).toBe('2 faults');
});

it('tells only what is special of parameters, with units', () => {
  expect(faultText(fault(), [latency])).toBe('Latency 2 s, 50 %');
  expect(parameterText(latency, { latencyMs: 1000, jitterMs: 150, percent: 100 })).toBe('1 s, ± 150 ms');
  expect(faultText(fault({ kind: 'http-abort', parameters: {} }), [latency])).toBe('Http abort');
});

it('names what it is on', () => {
  expect(targetText(fault().target)).toBe('orders → payments');
  expect(targetText({ kind: 'edge', from: 'cart', to: 'catalog', port: 7102 })).toBe('cart → catalog :7102');
  expect(targetText({ kind: 'service', service: 'shipping', instance: 2 })).toBe('shipping 2');
});
