import type { Point } from './placement.ts';

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

const ARROW = 3;
const round = (value: number): number => Math.round(value * 10) / 10;

/** A path through control points of cubic Béziers; straight lines where they do not come in threes. */
export function routePath(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (!start) return '';
  let path = `M${round(start.x)} ${round(start.y)}`;
  let at = 0;
  for (; at + 2 < rest.length; at += 3) {
    path += `C${rest
      .slice(at, at + 3)
      .map((point) => `${round(point.x)} ${round(point.y)}`)
      .join(' ')}`;
  }
  for (; at < rest.length; at++) path += `L${round(rest[at]?.x ?? 0)} ${round(rest[at]?.y ?? 0)}`;
  return path;
}

/** A curve from box to box, leaving and entering at the sides that face each other, and its middle. */
export function directPath(from: Box, to: Box): { path: string; label: Point } {
  const a = { x: from.x + from.width / 2, y: from.y + from.height / 2 };
  const b = { x: to.x + to.width / 2, y: to.y + to.height / 2 };
  const gapX = Math.abs(b.x - a.x) - (from.width + to.width) / 2;
  const gapY = Math.abs(b.y - a.y) - (from.height + to.height) / 2;
  const sign = (value: number): number => (value < 0 ? -1 : 1);
  if (gapX >= gapY) {
    const dir = sign(b.x - a.x);
    const start = { x: a.x + (dir * from.width) / 2, y: a.y };
    const end = { x: b.x - dir * (to.width / 2 + ARROW), y: b.y };
    const middle = (start.x + end.x) / 2;
    return {
      path: routePath([start, { x: middle, y: start.y }, { x: middle, y: end.y }, end]),
      label: midpoint(start, end),
    };
  }
  const dir = sign(b.y - a.y);
  const start = { x: a.x, y: a.y + (dir * from.height) / 2 };
  const end = { x: b.x, y: b.y - dir * (to.height / 2 + ARROW) };
  const middle = (start.y + end.y) / 2;
  return {
    path: routePath([start, { x: start.x, y: middle }, { x: end.x, y: middle }, end]),
    label: midpoint(start, end),
  };
}

const midpoint = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
