import { expect, it } from 'vitest';
import type { Graph } from './graph-model.ts';
import { aloneBesideOthers, placeAlone } from './place-alone.ts';
import type { Point, Route } from './placement.ts';

const graph = (ids: readonly string[], edges: readonly (readonly [string, string])[]): Graph => ({
  key: '',
  nodes: ids.map((id) => ({ id, kind: 'queue', label: id, width: 100, height: 40 })),
  edges: edges.map(([from, to]) => ({ id: `${from}~${to}`, from, to })),
});
const SHOP = graph(['orders', 'rabbit/dead', 'rabbit/jobs', 'pg/unused', 'lonely'], [['orders', 'rabbit/jobs']]);

it('finds what stands alone where others of the same broker do not', () => {
  expect([...aloneBesideOthers(SHOP)].map(([id, others]) => [id, others.map((one) => one.id)])).toEqual([
    ['rabbit/dead', ['rabbit/jobs']],
  ]);
});

it('puts it beside them, off nodes, lines and labels, and moves nothing else', () => {
  const line = (x: number): Route => ({
    points: [
      { x, y: 0 },
      { x, y: 50 },
      { x, y: 100 },
      { x, y: 400 },
    ],
    label: { x: x + 10, y: 130 },
  });
  const place = (routes: ReadonlyMap<string, Route>): Map<string, Point> => {
    const nodes = new Map<string, Point>([
      ['orders', { x: 300, y: 0 }],
      ['rabbit/jobs', { x: 300, y: 100 }],
    ]);
    placeAlone(SHOP, nodes, routes);
    expect(nodes.get('rabbit/jobs')).toEqual({ x: 300, y: 100 });
    expect(nodes.has('lonely')).toBe(false);
    return nodes;
  };
  expect(place(new Map()).get('rabbit/dead')).toEqual({ x: 300, y: 160 });
  const beside = place(new Map([['orders~rabbit/jobs', line(350)]])).get('rabbit/dead');
  expect(beside).toEqual({ x: 228, y: 160 });
});
