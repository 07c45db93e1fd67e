import { compareNs } from './time.ts';

/** What the shape of a trace depends on. Times are epoch nanoseconds. */
export interface TreeSpan {
  readonly spanId: string;
  /** Null: a root. May name a span that is not there, the span itself, or go in a circle: senders make mistakes. */
  readonly parentSpanId: string | null;
  readonly startNs: bigint;
}

export interface TreeNode<S> {
  readonly span: S;
  readonly children: TreeNode<S>[];
}

export interface SpanTree<S> {
  /** Spans without a parent, whose parent is missing, or that a circle of parents was opened at; by start. */
  readonly roots: TreeNode<S>[];
  /** The root that stands for the trace: the earliest without a parent, else the earliest. */
  readonly main: TreeNode<S> | undefined;
  /** Parents before children, siblings by start. */
  readonly ordered: S[];
}

/** Makes a tree of spans in any order. A span id that occurs again is left out: exporters repeat batches. */
export function spanTree<S extends TreeSpan>(spans: readonly S[]): SpanTree<S> {
  const byId = new Map<string, TreeNode<S>>();
  for (const span of spans.toSorted(byStart)) {
    if (!byId.has(span.spanId)) byId.set(span.spanId, { span, children: [] });
  }
  const roots: TreeNode<S>[] = [];
  // Nodes come by start, so children and roots are in order already.
  for (const node of byId.values()) {
    const parent = node.span.parentSpanId === null ? undefined : byId.get(node.span.parentSpanId);
    if (parent === undefined) roots.push(node);
    else parent.children.push(node);
  }
  const ordered = preorder(roots);
  if (ordered.length < byId.size) openCircles(byId, roots, ordered);
  const main = roots.find((node) => node.span.parentSpanId === null) ?? roots[0];
  return { roots, main, ordered };
}

/** What no root leads to hangs on a circle of parents: each circle is opened at its earliest span, which becomes a root. */
function openCircles<S extends TreeSpan>(
  byId: ReadonlyMap<string, TreeNode<S>>,
  roots: TreeNode<S>[],
  ordered: S[],
): void {
  const reached = new Set(ordered.map((span) => span.spanId));
  for (const start of byId.values()) {
    if (reached.has(start.span.spanId)) continue;
    const circle = circleAbove(start, byId);
    const first = circle.toSorted((a, b) => byStart(a.span, b.span))[0] ?? start;
    const parent = byId.get(first.span.parentSpanId ?? '');
    parent?.children.splice(parent.children.indexOf(first), 1);
    roots.push(first);
    for (const span of preorder([first])) reached.add(span.spanId);
  }
  roots.sort((a, b) => byStart(a.span, b.span));
  ordered.splice(0, ordered.length, ...preorder(roots));
}

function circleAbove<S extends TreeSpan>(start: TreeNode<S>, byId: ReadonlyMap<string, TreeNode<S>>): TreeNode<S>[] {
  const path = new Map<string, number>();
  const nodes: TreeNode<S>[] = [];
  let node: TreeNode<S> | undefined = start;
  while (node !== undefined && !path.has(node.span.spanId)) {
    path.set(node.span.spanId, nodes.length);
    nodes.push(node);
    node = byId.get(node.span.parentSpanId ?? '');
  }
  return nodes.slice(path.get(node?.span.spanId ?? '') ?? 0);
}

function preorder<S>(roots: readonly TreeNode<S>[]): S[] {
  const ordered: S[] = [];
  const pending = roots.toReversed();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    ordered.push(node.span);
    for (let index = node.children.length - 1; index >= 0; index--) {
      const child = node.children[index];
      if (child !== undefined) pending.push(child);
    }
  }
  return ordered;
}

function byStart(a: TreeSpan, b: TreeSpan): number {
  return compareNs(a.startNs, b.startNs);
}
