import { useCallback, useEffect, useRef, useState } from 'react';
import { toastError } from '../../ui/toasts.ts';
import type { Graph } from './graph-model.ts';
import { layOut } from './layout.ts';
import { keepMoved, readMoved } from './moved-nodes.ts';
import { adopt, keepKnown, needsLayout, type Placement, type Point } from './placement.ts';

interface Kept {
  readonly fleet: string;
  readonly graph: Graph;
  readonly placement: Placement;
}

/** The last placement survives leaving the view, so that coming back finds everything where it was. */
let kept: Kept | null = null;

export interface PlacementState {
  /** Null until the first layout is done. */
  readonly placement: Placement | null;
  /** Why there is no placement yet; `tidy` tries again. */
  readonly problem: unknown;
  /** Remembers where a person put a node. */
  readonly move: (id: string, to: Point) => void;
  /** Forgets what was moved and lays everything out anew. */
  readonly tidy: () => void;
}

/**
 * Where nodes are. A layout is made when nodes come that were not there; known ones stay put, unless the fleet is still
 * showing itself (`settling`) and nobody has moved anything.
 */
export function usePlacement(
  graph: Graph | null,
  fleet: string,
  settling: boolean,
  spaceOf: () => { width: number; height: number },
): PlacementState {
  const [placement, setPlacement] = useState<Placement | null>(() => (kept?.fleet === fleet ? kept.placement : null));
  const [problem, setProblem] = useState<unknown>(null);
  const [moved] = useState(() => readMoved(fleet));
  const latest = useRef({ settling, spaceOf });
  latest.current = { settling, spaceOf };
  const ticket = useRef(0);

  const put = useCallback(
    (of: Graph, next: Placement) => {
      kept = { fleet, graph: of, placement: next };
      setPlacement(next);
      setProblem(null);
    },
    [fleet],
  );

  const run = useCallback(
    async (of: Graph, fresh: boolean) => {
      ticket.current++;
      const mine = ticket.current;
      try {
        const laidOut = await layOut(of, latest.current.spaceOf());
        if (mine !== ticket.current) return;
        const before = kept?.fleet === fleet ? kept.placement : null;
        const all = fresh || before === null || (latest.current.settling && moved.size === 0);
        put(of, all ? adopt(laidOut, moved) : keepKnown(before, laidOut, of));
      } catch (error) {
        if (mine !== ticket.current) return;
        // Where something is shown already it stays, and a word will do.
        if (kept?.fleet === fleet) toastError(error);
        else setProblem(error);
      }
    },
    [fleet, moved, put],
  );

  useEffect(() => {
    if (!graph || graph.nodes.length === 0) return;
    const before = kept?.fleet === fleet ? kept : null;
    if (before?.graph.key === graph.key) return;
    if (needsLayout(before?.graph ?? null, graph)) void run(graph, false);
    else if (before) put(graph, { ...before.placement, key: graph.key });
  }, [graph, fleet, run, put]);

  const move = useCallback(
    (id: string, to: Point) => {
      moved.set(id, to);
      keepMoved(fleet, moved);
      if (kept?.fleet !== fleet) return;
      const next = { ...kept.placement, nodes: new Map(kept.placement.nodes).set(id, to) };
      put(kept.graph, next);
    },
    [fleet, moved, put],
  );

  const tidy = useCallback(() => {
    moved.clear();
    keepMoved(fleet, moved);
    setProblem(null);
    if (graph) void run(graph, true);
  }, [fleet, moved, graph, run]);

  return { placement, problem, move, tidy };
}
