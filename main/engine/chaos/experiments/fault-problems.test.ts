import { expect, test } from 'vitest';
import type { FaultGround } from '../faults/check-request.ts';
import { checkExperiment } from './outline.ts';

const ground: FaultGround = {
  runtime: 'process',
  edges: [{ from: 'orders', to: 'payments', port: 7106, protocol: 'grpc' }],
  services: [{ id: 'cart', copies: [1], store: null }],
};
const edge = { kind: 'edge', from: 'orders', to: 'payments' };
const cart = { kind: 'service', service: 'cart' };

/** Each on a line of its own, so that lines tell which one is meant. */
const problems = (args: unknown, on: FaultGround | null = null, url = '${flotilla_url}/api/fault.add'): string[] => {
  const provider = { type: 'http', method: 'POST', url, arguments: args };
  const text = JSON.stringify({ title: 'T', method: [{ type: 'action', name: 'break', provider }] }, null, 1);
  const lines = text.split('\n');
  return checkExperiment(text, on).problems.map(({ line, detail, expected, severity }) =>
    [severity, lines[line - 1]?.trim().split(':')[0], detail, ...(expected === null ? [] : [expected])].join(' | '),
  );
};

test.each([
  [{ kind: 'latencyy', target: edge }, 'error | "kind" | there is no fault called latencyy | latency, bandwidth'],
  [
    { kind: 'latency', target: edge, parameters: { speed: 1 } },
    'error | "speed" | latency has no parameter speed | latencyMs, jitterMs, percent, stream',
  ],
  [
    { kind: 'latency', target: edge, parameters: { latencyMs: -1 } },
    'error | "latencyMs" | latencyMs is -1 | a whole number from 0 to 3600000 ms',
  ],
  [
    { kind: 'latency', target: edge, parameters: { latencyMs: [1] } },
    'error | "latencyMs" | parameters.latencyMs is a list | text or a number',
  ],
  [{ kind: 'http-header', target: edge, parameters: {} }, 'error | "parameters" | name is missing | text'],
  [{ kind: 'latency', target: cart }, 'error | "kind" | latency is put on an edge | edge (with from and to)'],
  [{ kind: 'pause', target: edge }, 'error | "kind" | pause is put on a service | edge (with from and to)'],
  [{ kind: 'latency', target: { kind: 'way' } }, 'error | "kind" | target.kind is "way" | edge (with from and to)'],
  [{ kind: 'pause', target: cart, forSeconds: 0 }, 'error | "forSeconds" | forSeconds is 0 | seconds above 0'],
  [{ kind: 'pause', target: cart, for: 5 }, 'warning | "for" | for is not known to fault.add and has no effect'],
  [undefined, 'error | "provider" | arguments is missing | a mapping'],
  ['kind=pause', 'error | "arguments" | arguments is "kind=pause" | a mapping'],
])('%j: the check says what fault.add would refuse, and where', (args, expected) => {
  expect(problems(args)).toEqual([expect.stringContaining(expected)]);
});

test('the check leaves alone what is known only when it runs, and what is no fault', () => {
  const target = { kind: 'edge', from: '${who}', to: 'payments' };
  expect(problems({ kind: 'latency', target, parameters: { latencyMs: '${ms}' }, forSeconds: '${s}' }, ground)).toEqual(
    [],
  );
  expect(problems({ kind: '${kind}', target: '${target}', parameters: '${parameters}' }, ground)).toEqual([]);
  expect(problems('${all}', ground)).toEqual([]);
  expect(problems({ kind: 'latencyy' }, ground, 'http://127.0.0.1/api/other')).toEqual([]);
});

test('what the fleet that is loaded does not have is a warning, as the file may be meant for another', () => {
  expect(problems({ kind: 'latency', target: { ...edge, to: 'paymentz' } }, ground)).toEqual([
    'warning | "target" | latency cannot be put there in the fleet that is loaded: there is no edge orders->paymentz that a link stands in',
  ]);
  expect(problems({ kind: 'pause', target: { ...cart, service: 'cartt' } }, ground)).toEqual([
    'warning | "target" | pause cannot be put there in the fleet that is loaded: it cannot be put on cartt',
  ]);
  expect(problems({ kind: 'cpu-limit', target: cart }, ground)).toEqual([
    expect.stringContaining('warning | "kind" | the process runtime of the fleet that is loaded cannot do cpu-limit'),
  ]);
  expect(problems({ kind: 'pause', target: cart, parameters: { copies: 3 } }, ground)).toEqual([
    'warning | "copies" | in the fleet that is loaded copies is 3, and cart has 1',
  ]);
  expect(problems({ kind: 'latency', target: edge }, ground)).toEqual([]);
});
