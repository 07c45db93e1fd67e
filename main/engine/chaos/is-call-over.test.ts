import { expect, test } from 'vitest';
import { isCallOver } from './is-call-over.ts';

const owner = (id: string): string | null => (id === 'bank' ? null : (id.split('/')[0] ?? null));
const over = (from: string, to: string, call: { from: string; to: string }): boolean =>
  isCallOver({ from, to }, owner, call);

test.each([
  ['orders', 'payments', { from: 'orders', to: 'payments' }, true],
  ['orders', 'postgres/orders', { from: 'orders', to: 'postgres' }, true],
  ['orders', 'kafka/placed', { from: 'orders', to: 'kafka' }, true],
  ['kafka/placed', 'mails', { from: 'mails', to: 'kafka' }, true],
  ['payments', 'orders', { from: 'orders', to: 'payments' }, false],
  ['payments', 'bank', { from: 'payments', to: 'bank' }, false],
])('%s -> %s, %j: %s', (from, to, call, expected) => {
  expect(over(from, to, call)).toBe(expected);
});
