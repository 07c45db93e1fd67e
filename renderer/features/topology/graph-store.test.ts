import { expect, it } from 'vitest';
import type { EdgeLook } from './graph-model.ts';
import { GraphStore } from './graph-store.ts';

const look = (label: string): EdgeLook => ({ label, tone: 'none', width: 1 });

it('tells only those whose look changed', () => {
  const store = new GraphStore();
  const told: string[] = [];
  for (const id of ['a~b', 'b~c']) store.subscribe(id, () => told.push(id));
  store.update(
    new Map(),
    new Map([
      ['a~b', look('1/s')],
      ['b~c', look('2/s')],
    ]),
  );
  told.length = 0;
  expect(
    store.update(
      new Map(),
      new Map([
        ['a~b', look('1/s')],
        ['b~c', look('3/s')],
      ]),
    ),
  ).toBe(1);
  expect(told).toEqual(['b~c']);
  expect(store.edge('b~c')?.label).toBe('3/s');
});

it('keeps the same look for the same values, and forgets what is gone', () => {
  const store = new GraphStore();
  const first = look('1/s');
  store.update(new Map(), new Map([['a~b', first]]));
  store.update(new Map(), new Map([['a~b', look('1/s')]]));
  expect(store.edge('a~b')).toBe(first);
  store.update(new Map(), new Map());
  expect(store.edge('a~b')).toBeUndefined();
});

it('tells only what gets lit or dark on hover', () => {
  const store = new GraphStore();
  const edges = [
    { id: 'a~b', from: 'a', to: 'b' },
    { id: 'b~c', from: 'b', to: 'c' },
  ];
  const told: string[] = [];
  for (const id of ['a', 'b', 'c', 'a~b', 'b~c']) store.subscribe(id, () => told.push(id));
  store.hover(edges, 'a');
  expect(told.sort()).toEqual(['a', 'a~b', 'b']);
  told.length = 0;
  store.hover(edges, 'c');
  expect(told.sort()).toEqual(['a', 'a~b', 'b~c', 'c']);
  expect(store.isLit('b')).toBe(true);
});
