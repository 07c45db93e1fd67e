import { type EdgeLook, type GraphEdge, litBy, type NodeLook } from './graph-model.ts';

interface Looks {
  readonly node: NodeLook;
  readonly edge: EdgeLook;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** As wide as a flag may get, and a little. */
const FLAG_PX = 136;

function same(a: object | undefined, b: object): boolean {
  if (!a) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in right) if (left[key] !== right[key]) return false;
  return true;
}

/**
 * What nodes and edges look like now, kept outside of React: an update tells only those whose look is another one, so a
 * second of traffic in a large fleet draws a few labels and not the graph.
 */
export class GraphStore {
  readonly #nodes = new Map<string, NodeLook>();
  readonly #edges = new Map<string, EdgeLook>();
  #flags: ReadonlyMap<string, string> = new Map();
  readonly #places = new Map<string, Place>();
  readonly #listeners = new Map<string, Set<() => void>>();
  #lit: ReadonlySet<string> = new Set();

  /** Takes new looks and tells whose changed. Gives how many did. */
  update(nodes: ReadonlyMap<string, NodeLook>, edges: ReadonlyMap<string, EdgeLook>): number {
    return this.#take('node', this.#nodes, nodes) + this.#take('edge', this.#edges, edges);
  }

  /** Puts flags on nodes and edges, by id, in the place of those that were there: what is broken on purpose. */
  flag(flags: ReadonlyMap<string, string>): void {
    const before = this.#flags;
    this.#flags = flags;
    for (const [id, text] of flags) if (before.get(id) !== text) this.#tell(id);
    for (const id of before.keys()) if (!flags.has(id)) this.#tell(id);
  }

  /** Says where the flag of an edge would stand; null when it does no more. */
  placeFlag(id: string, at: Place | null): void {
    const before = this.#places.get(id);
    if (at) this.#places.set(id, at);
    else this.#places.delete(id);
    if (before?.x !== at?.x || before?.y !== at?.y) for (const flagged of this.#flags.keys()) this.#tell(flagged);
  }

  /** How many flags' heights higher an edge's stands, so that none lies over another. */
  flagLevel = (id: string): number => {
    const levels: { readonly at: Place; readonly level: number }[] = [];
    for (const flagged of [...this.#flags.keys()].sort()) {
      const at = this.#places.get(flagged);
      if (!at) continue;
      const near = levels.filter(
        (one) => Math.abs(one.at.x - at.x) < FLAG_PX && Math.abs(one.at.y - at.y) < FLAG_PX / 6,
      );
      let level = 0;
      while (near.some((one) => one.level === level)) level++;
      if (flagged === id) return level;
      levels.push({ at, level });
    }
    return 0;
  };

  flagOf = (id: string): string | undefined => this.#flags.get(id);
  node = (id: string): NodeLook | undefined => this.#nodes.get(id);
  edge = (id: string): EdgeLook | undefined => this.#edges.get(id);
  isLit = (id: string): boolean => this.#lit.has(id);

  /** Lights up what belongs to a node or an edge; null lights nothing. */
  hover(edges: readonly GraphEdge[], id: string | null): void {
    const before = this.#lit;
    this.#lit = litBy(edges, id);
    for (const one of before) if (!this.#lit.has(one)) this.#tell(one);
    for (const one of this.#lit) if (!before.has(one)) this.#tell(one);
  }

  subscribe(id: string, listener: () => void): () => void {
    const set = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(id);
    };
  }

  #take<K extends keyof Looks>(_: K, known: Map<string, Looks[K]>, next: ReadonlyMap<string, Looks[K]>): number {
    let changed = 0;
    for (const [id, look] of next) {
      if (same(known.get(id), look)) continue;
      known.set(id, look);
      this.#tell(id);
      changed++;
    }
    for (const id of known.keys()) if (!next.has(id)) known.delete(id);
    return changed;
  }

  #tell(id: string): void {
    for (const listener of this.#listeners.get(id) ?? []) listener();
  }
}
