import { expect, it } from 'vitest';
import { backEdges } from './back-edges.ts';

const edges = (...pairs: string[]) =>
  pairs.map((id) => ({ id, from: id.split('~')[0] ?? '', to: id.split('~')[1] ?? '' }));

it('finds the way back of a loop, seen from where calls begin', () => {
  const loop = edges('a-topic~gateway', 'gateway~orders', 'orders~a-topic', 'traffic~gateway');
  expect([...backEdges(['a-topic', 'gateway', 'orders', 'traffic'], loop)]).toEqual(['a-topic~gateway']);
});

it('finds none where there is no loop, and one in a loop without beginning', () => {
  expect(backEdges(['a', 'b', 'c'], edges('a~b', 'a~c', 'b~c')).size).toBe(0);
  expect(backEdges(['a', 'b'], edges('a~b', 'b~a')).size).toBe(1);
});
