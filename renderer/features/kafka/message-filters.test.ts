import { describe, expect, it } from 'vitest';
import type { KafkaMessage } from '../../../main/contract/index.ts';
import {
  between,
  fromLocalInput,
  inOrder,
  messageId,
  messageQuery,
  readFilters,
  toLocalInput,
} from './message-filters.ts';

const nothing = { format: 'null', text: '', bytes: 0, truncated: false } as const;
const message = (partition: number, offset: string, seconds: number): KafkaMessage => ({
  topic: 'orders',
  partition,
  offset,
  timestamp: new Date(seconds * 1000).toISOString(),
  key: nothing,
  headers: [],
  value: nothing,
  traceId: null,
});

describe('readFilters', () => {
  it('keeps what makes sense and drops the rest', () => {
    expect(
      readFilters({ at: 'o12', partition: '2', key: 'a', text: 'b', limit: '500', live: '1', other: 'x' }),
    ).toEqual({ at: 'o12', partition: '2', key: 'a', text: 'b', limit: '500', live: '1' });
    expect(readFilters({ at: 'yesterday', partition: '-1', limit: '7', key: '' })).toEqual({});
  });
});

describe('messageQuery', () => {
  it('asks for the newest hundred unless told', () =>
    expect(messageQuery('orders', {}, null)).toEqual({ topic: 'orders', from: { at: 'latest' }, limit: 100 }));
  it('begins where the address says', () => {
    const from = (text: string) => messageQuery('orders', { at: text }, null).from;
    expect(from('earliest')).toEqual({ at: 'earliest' });
    expect(from('o42')).toEqual({ at: 'offset', offset: '42' });
    expect(from('t1000')).toEqual({ at: 'time', timeMs: 1000 });
  });
  it('begins with the past that the console looks at', () => {
    expect(messageQuery('orders', {}, 5000).from).toEqual({ at: 'time', timeMs: 5000 });
    expect(messageQuery('orders', { at: 'earliest' }, 5000).from).toEqual({ at: 'earliest' });
  });
});

it('orders by time, then by partition and offset, which may be longer than a number is exact', () => {
  const all = [
    message(1, '9', 2),
    message(0, '10', 2),
    message(0, '9', 2),
    message(0, '9007199254740993', 1),
    message(0, '9007199254740992', 1),
  ];
  const ids = ['0@9007199254740992', '0@9007199254740993', '0@9', '0@10', '1@9'];
  expect(inOrder(all, false).map(messageId)).toEqual(ids);
  expect(inOrder(all, true).map(messageId)).toEqual([...ids].reverse());
});

it('counts between offsets', () => expect(between('9007199254740993', '9007199254741000')).toBe(7));

it('gives back the time that it put into the field', () => {
  const ms = Date.UTC(2026, 10, 22, 13, 4, 11);
  expect(fromLocalInput(toLocalInput(ms))).toBe(ms);
  expect(fromLocalInput('')).toBeNull();
});
