import { expect, it } from 'vitest';
import type { TraceSummary } from '../../../main/contract/index.ts';
import { parseSearch } from '../../../main/contract/search/index.ts';
import { edgeSearch } from './edge-search.ts';

const orders = { id: 'orders', kind: 'service', label: 'orders' } as const;
const payments = { id: 'payments', kind: 'service', label: 'payments' } as const;
const topic = { id: 'kafka/order-events', kind: 'topic', label: 'order-events' } as const;
const database = { id: 'postgres/orders', kind: 'database', label: 'orders db' } as const;

it('searches for the callee and keeps traces with both ends', () => {
  const { query, only } = edgeSearch(orders, payments);
  expect(query).toBe('service:payments');
  expect(only({ services: ['gateway', 'orders', 'payments'] } as TraceSummary)).toBe(true);
  expect(only({ services: ['payments'] } as TraceSummary)).toBe(false);
});

it('searches for the topic on either side of it, and for client spans to a database', () => {
  expect(edgeSearch(orders, topic).query).toBe('service:orders @messaging.destination.name:order-events');
  expect(edgeSearch(topic, payments).query).toBe('service:payments @messaging.destination.name:order-events');
  expect(edgeSearch(orders, database).query).toBe('service:orders kind:client');
});

it('writes searches that are understood', () => {
  for (const to of [payments, topic, database]) expect(() => parseSearch(edgeSearch(orders, to).query)).not.toThrow();
});
