import { expect, test } from 'vitest';
import { parseFaultTarget } from './fault-target.ts';

const services = ['orders', 'payments', 'web-2'];

test.each([
  ['orders:payments', { kind: 'edge', from: 'orders', to: 'payments' }],
  ['orders:payments:7106', { kind: 'edge', from: 'orders', to: 'payments', port: 7106 }],
  ['orders->payments', { kind: 'edge', from: 'orders', to: 'payments' }],
  ['orders->payments:7106', { kind: 'edge', from: 'orders', to: 'payments', port: 7106 }],
  ['orders -> payments', { kind: 'edge', from: 'orders', to: 'payments' }],
  ['web-2->orders', { kind: 'edge', from: 'web-2', to: 'orders' }],
  ['orders', { kind: 'service', service: 'orders' }],
  ['orders-2', { kind: 'service', service: 'orders', instance: 2 }],
  ['web-2', { kind: 'service', service: 'web-2' }],
  ['web-2-1', { kind: 'service', service: 'web-2', instance: 1 }],
  ['nobody-1', { kind: 'service', service: 'nobody-1' }],
])('%s', (text, target) => {
  expect(parseFaultTarget(text, services)).toEqual(target);
});

test.each(['', ':', 'orders:', 'a:b:c', 'a->b->c', 'orders payments', '->orders'])('"%s" is none', (text) => {
  expect(() => parseFaultTarget(text, services)).toThrow(expect.objectContaining({ code: 'FAULT_TARGET_TEXT' }));
});
