import { expect, it } from 'vitest';
import type { FaultKind } from '../../../main/contract/index.ts';
import { presetsFor } from './presets.ts';

const kind = (
  name: string,
  title: string,
  parameters: readonly (readonly [string, string, number])[],
  isMoment = false,
) =>
  ({
    kind: name,
    title,
    isMoment,
    parameters: parameters.map(([parameter, unit, initial]) => ({
      name: parameter,
      unit,
      type: 'number',
      default: initial,
    })),
  }) as unknown as FaultKind;

const KINDS = [
  kind('latency', 'Latency', [
    ['latencyMs', 'ms', 1000],
    ['jitterMs', 'ms', 0],
    ['percent', '%', 100],
  ]),
  kind('http-delay', 'Delayed requests', [
    ['latencyMs', 'ms', 1000],
    ['percent', '%', 100],
  ]),
  kind('kill', 'Kill', [], true),
];

it('offers a share of requests where there are requests, else one of connections', () => {
  expect(presetsFor(KINDS, true).map(({ text, prepared }) => [text, prepared.kind])).toEqual([
    ['Latency 2 s, 50 % of requests, for 30 s', 'http-delay'],
    ['Latency 200 ms, ± 100 ms', 'latency'],
    ['Kill', 'kill'],
  ]);
  expect(presetsFor(KINDS, false).map(({ text }) => text)).toEqual([
    'Latency 2 s, 50 %, for 30 s',
    'Latency 200 ms, ± 100 ms',
    'Kill',
  ]);
});
