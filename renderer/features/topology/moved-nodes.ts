import { z } from 'zod';
import type { Point } from './placement.ts';

const Moved = z.record(z.string(), z.object({ x: z.number(), y: z.number() }));
const keyOf = (fleet: string): string => `flotilla.topology.${fleet}`;

/** Where a person dragged nodes of a fleet, kept in the browser; what is not understood is nothing. */
export function readMoved(fleet: string): Map<string, Point> {
  try {
    return new Map(Object.entries(Moved.parse(JSON.parse(localStorage.getItem(keyOf(fleet)) ?? '{}'))));
  } catch {
    return new Map();
  }
}

export function keepMoved(fleet: string, moved: ReadonlyMap<string, Point>): void {
  if (moved.size === 0) localStorage.removeItem(keyOf(fleet));
  else localStorage.setItem(keyOf(fleet), JSON.stringify(Object.fromEntries(moved)));
}
