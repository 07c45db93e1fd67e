import type { Place } from './place.ts';

/** A YAML value with its place: aliases followed, merge keys merged, variables filled in. */
export type Tree = ScalarTree | ListTree | MapTree;

interface Placed {
  readonly place: Place;
  /** `services.orders.ports[0]` */
  readonly path: string;
  /** `!reset` takes away what a file before has there, `!override` replaces all of it. */
  readonly tag?: 'reset' | 'override' | undefined;
}

export interface ScalarTree extends Placed {
  readonly type: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, so that 1.10 and 0777 stay what they are where text is wanted. */
  readonly text: string;
}

export interface ListTree extends Placed {
  readonly type: 'list';
  readonly items: readonly Tree[];
}

export interface MapTree extends Placed {
  readonly type: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: Tree;
}

export const isNull = (tree: Tree): boolean => tree.type === 'scalar' && tree.value === null;

/** What a tree is, in words for a message: `a list`, `the text "abc"`. */
export function describeTree(tree: Tree): string {
  if (tree.type === 'list') return 'a list';
  if (tree.type === 'map') return 'a mapping';
  if (tree.value === null) return 'nothing';
  const shown = tree.text.length > 60 ? `${tree.text.slice(0, 57)}...` : tree.text;
  if (typeof tree.value === 'string') return `the text ${JSON.stringify(shown)}`;
  return `${typeof tree.value === 'number' ? 'the number ' : ''}${shown}`;
}

/** The last part of a path, for messages: `ports[0]` of `services.orders.ports[0]`. */
export const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
