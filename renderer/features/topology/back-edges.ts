import type { GraphEdge } from './graph-model.ts';

/**
 * Edges that lead back to where calls came from (a consumer that answers through a topic), found by walking from the nodes
 * that nobody calls. A layout in layers draws them against its direction, so that what starts it all stays in front.
 */
export function backEdges(nodeIds: readonly string[], edges: readonly GraphEdge[]): ReadonlySet<string> {
  const leaving = new Map<string, GraphEdge[]>();
  for (const edge of edges) leaving.set(edge.from, [...(leaving.get(edge.from) ?? []), edge]);
  const called = new Set(edges.map((edge) => edge.to));
  const roots = [...nodeIds.filter((id) => !called.has(id)), ...nodeIds];
  const done = new Set<string>();
  const onWay = new Set<string>();
  const back = new Set<string>();

  const walk = (root: string): void => {
    const stack: { id: string; next: number }[] = [{ id: root, next: 0 }];
    onWay.add(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const edge = leaving.get(top.id)?.[top.next];
      top.next++;
      if (!edge) {
        onWay.delete(top.id);
        done.add(top.id);
        stack.pop();
      } else if (onWay.has(edge.to)) back.add(edge.id);
      else if (!done.has(edge.to)) {
        onWay.add(edge.to);
        stack.push({ id: edge.to, next: 0 });
      }
    }
  };
  for (const root of roots) if (!done.has(root)) walk(root);
  return back;
}
