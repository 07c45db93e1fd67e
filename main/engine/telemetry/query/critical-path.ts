import type { SpanKind } from '../../../contract/index.ts';
import type { TreeNode, TreeSpan } from './span-tree.ts';
import { compareNs } from './time.ts';

export interface TimedSpan extends TreeSpan {
  readonly kind: SpanKind;
  readonly durationNs: bigint;
}

/**
 * How far two spans of one process may be apart from what happened: OpenTelemetry's SDK for JavaScript reads when a span
 * starts from a clock of whole milliseconds and its duration from an exact one, so that a child may seem to end after its
 * parent, or after the start of what followed it.
 */
const CLOCK_STEP_NS = 1_000_000n;

interface Visit<S> {
  readonly node: TreeNode<S>;
  /** Up to when this span kept its parent waiting. */
  readonly untilNs: bigint;
}

/**
 * The spans that a trace's duration is made of: had one of them been shorter, the root would have ended earlier. From the
 * root on, parents before children, in order of time.
 *
 * The algorithm is the one of "CRISP: Critical Path Analysis of Large-Scale Microservice Architectures" (Zhang et al., USENIX
 * ATC 2022), which Jaeger uses too: from the end of a span walk back in time. The child that finished last kept the span
 * waiting; before that child began, the one that finished last before then; and so on, each child in the same way.
 *
 * Nobody waits for a child that works on after its parent: such a child (a consumer of a message, a job left running, one that
 * begins when the parent has ended) is not counted, nor are spans that are only linked. The exception is the server span of
 * a call: it ends a little after the client has its answer, or long after a client that gave up, and counts until then.
 */
export function criticalPath<S extends TimedSpan>(root: TreeNode<S>): string[] {
  const path: string[] = [];
  const pending: Visit<S>[] = [{ node: root, untilNs: endOf(root.span) }];
  for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
    path.push(visit.node.span.spanId);
    // Last first, so that the first is taken next.
    pending.push(...awaitedChildren(visit));
  }
  return path;
}

/** The children that the span waited for, one after the other, the last one first. */
function awaitedChildren<S extends TimedSpan>({ node, untilNs }: Visit<S>): Visit<S>[] {
  const candidates: Visit<S>[] = [];
  for (const child of node.children) {
    const end = awaitedUntil(node.span, child.span, untilNs);
    if (end !== undefined) candidates.push({ node: child, untilNs: end });
  }
  candidates.sort((a, b) => compareNs(b.untilNs, a.untilNs));
  const awaited: Visit<S>[] = [];
  let before = untilNs;
  for (const candidate of candidates) {
    const { startNs } = candidate.node.span;
    const isOver = candidate.untilNs <= before || (startNs < before && candidate.untilNs <= before + CLOCK_STEP_NS);
    if (!isOver) continue;
    awaited.push(candidate);
    before = startNs;
  }
  return awaited;
}

function awaitedUntil(parent: TimedSpan, child: TimedSpan, untilNs: bigint): bigint | undefined {
  if (child.kind === 'consumer' || child.startNs >= untilNs) return undefined;
  const end = endOf(child);
  if (end <= untilNs) return end;
  if (end <= untilNs + CLOCK_STEP_NS) return untilNs;
  // The parent itself may be cut: then its children are cut with it.
  const servesCall = child.kind === 'server' && parent.kind === 'client';
  return servesCall || (end <= endOf(parent) + CLOCK_STEP_NS && untilNs < endOf(parent)) ? untilNs : undefined;
}

function endOf(span: TimedSpan): bigint {
  return span.startNs + span.durationNs;
}
