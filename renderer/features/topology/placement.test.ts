import { describe, expect, it } from 'vitest';
import type { Graph } from './graph-model.ts';
import { adopt, keepKnown, needsLayout, nextInDirection, type Placement, type Point } from './placement.ts';

const graph = (ids: readonly string[], edges: readonly (readonly [string, string])[]): Graph => ({
  key: [...ids, ...edges.map((edge) => edge.join('~'))].join(' '),
  nodes: ids.map((id) => ({ id, kind: 'service', label: id, width: 100, height: 40 })),
  edges: edges.map(([from, to]) => ({ id: `${from}~${to}`, from, to })),
});
const placement = (points: Record<string, Point>): Placement => ({
  key: '',
  nodes: new Map(Object.entries(points)),
  routes: new Map(),
  routed: new Map(Object.entries(points)),
});

describe('needsLayout', () => {
  const before = graph(['a', 'b', 'c'], [['a', 'b']]);
  it('is so at first, for a new node, and for the first edge of one that stood alone', () => {
    expect(needsLayout(null, before)).toBe(true);
    expect(needsLayout(before, graph(['a', 'b', 'c', 'd'], [['a', 'b']]))).toBe(true);
    expect(
      needsLayout(
        before,
        graph(
          ['a', 'b', 'c'],
          [
            ['a', 'b'],
            ['b', 'c'],
          ],
        ),
      ),
    ).toBe(true);
  });
  it('is not for an edge between connected nodes, nor for less', () => {
    expect(
      needsLayout(
        before,
        graph(
          ['a', 'b', 'c'],
          [
            ['a', 'b'],
            ['b', 'a'],
          ],
        ),
      ),
    ).toBe(false);
    expect(needsLayout(before, graph(['a', 'b'], []))).toBe(false);
  });
});

it('leaves what a person moved where it is', () => {
  const placed = adopt(placement({ a: { x: 0, y: 0 }, b: { x: 200, y: 0 } }), new Map([['b', { x: 7, y: 8 }]]));
  expect(placed.nodes.get('b')).toEqual({ x: 7, y: 8 });
  expect(placed.routed.get('b')).toEqual({ x: 200, y: 0 });
});

describe('keepKnown', () => {
  it('moves no known node and puts a new one beside its neighbour, off the others', () => {
    const before = placement({ a: { x: 1000, y: 500 }, b: { x: 1200, y: 500 } });
    const laidOut = placement({ a: { x: 0, y: 0 }, b: { x: 0, y: 300 }, c: { x: 200, y: 0 } });
    const next = keepKnown(
      before,
      laidOut,
      graph(
        ['a', 'b', 'c'],
        [
          ['a', 'b'],
          ['a', 'c'],
        ],
      ),
    );
    expect(next.nodes.get('a')).toEqual({ x: 1000, y: 500 });
    expect(next.nodes.get('b')).toEqual({ x: 1200, y: 500 });
    const c = next.nodes.get('c');
    expect(c?.x).toBe(1200);
    expect(c?.y).toBeGreaterThanOrEqual(564);
  });
});

describe('nextInDirection', () => {
  const centres = new Map(
    Object.entries({ a: { x: 0, y: 0 }, b: { x: 200, y: 10 }, c: { x: 150, y: 300 }, d: { x: 400, y: 0 } }),
  );
  it('goes to the nearest ahead', () => {
    expect(nextInDirection(centres, 'a', 'ArrowRight')).toBe('b');
    expect(nextInDirection(centres, 'b', 'ArrowRight')).toBe('d');
    expect(nextInDirection(centres, 'a', 'ArrowDown')).toBe('c');
  });
  it('stays where nothing is ahead', () => expect(nextInDirection(centres, 'a', 'ArrowLeft')).toBeNull());
});
