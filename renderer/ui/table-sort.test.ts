import { expect, it } from 'vitest';
import { nextSort, sortRows } from './table-sort.ts';

const rows = [
  { n: 2, s: 'orders-10' },
  { n: null, s: 'cart' },
  { n: 10, s: 'orders-2' },
];

it('sorts numbers as numbers and what is not known last, either way', () => {
  expect(sortRows(rows, (row) => row.n, false).map((row) => row.n)).toEqual([2, 10, null]);
  expect(sortRows(rows, (row) => row.n, true).map((row) => row.n)).toEqual([10, 2, null]);
});

it('sorts numbered names by their number', () => {
  expect(sortRows(rows, (row) => row.s, false).map((row) => row.s)).toEqual(['cart', 'orders-2', 'orders-10']);
});

it('turns a column round, and begins numbers with the largest', () => {
  expect(nextSort({ key: 'a', descending: false }, 'a', false)).toEqual({ key: 'a', descending: true });
  expect(nextSort({ key: 'a', descending: false }, 'rate', true)).toEqual({ key: 'rate', descending: true });
});
