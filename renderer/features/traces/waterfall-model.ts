import type { Span, Trace } from '../../../main/contract/index.ts';

/** A span as a row of the waterfall. */
export interface SpanRow {
  readonly kind: 'span';
  readonly span: Span;
  readonly depth: number;
  /** How many spans lie below it, at any depth. */
  readonly below: number;
  readonly collapsed: boolean;
  readonly critical: boolean;
  /** It went on after the call that it answers had failed: the caller gave up. */
  readonly afterCaller: boolean;
  /** An error of a span below, shown on the row while those below are hidden. */
  readonly errorBelow: boolean;
}

/** The details of the span above it. */
export interface DetailRow {
  readonly kind: 'details';
  readonly span: Span;
}

export type Row = SpanRow | DetailRow;

export interface WaterfallOptions {
  readonly collapsed: ReadonlySet<string>;
  readonly open: string | null;
  readonly criticalOnly: boolean;
}

interface Tree {
  readonly roots: readonly Span[];
  readonly children: ReadonlyMap<string, readonly Span[]>;
  readonly byId: ReadonlyMap<string, Span>;
}

/** The spans as a tree; one whose parent did not arrive stands at the top. */
export function treeOf(spans: readonly Span[]): Tree {
  const byId = new Map(spans.map((span): [string, Span] => [span.spanId, span]));
  const children = new Map<string, Span[]>();
  const roots: Span[] = [];
  for (const span of spans) {
    const parent = span.parentSpanId;
    if (parent === null || !byId.has(parent) || parent === span.spanId) {
      roots.push(span);
      continue;
    }
    const siblings = children.get(parent);
    if (siblings) siblings.push(span);
    else children.set(parent, [span]);
  }
  return { roots, children, byId };
}

interface Below {
  readonly count: number;
  readonly error: boolean;
}

/** How much lies below each span. Spans come parents first, so that from the end all children are known. */
function countBelow(spans: readonly Span[]): ReadonlyMap<string, Below> {
  const below = new Map<string, Below>();
  for (const span of [...spans].reverse()) {
    if (span.parentSpanId === null) continue;
    const own = below.get(span.spanId) ?? { count: 0, error: false };
    const parent = below.get(span.parentSpanId) ?? { count: 0, error: false };
    below.set(span.parentSpanId, {
      count: parent.count + own.count + 1,
      error: parent.error || own.error || span.status === 'error',
    });
  }
  return below;
}

/** Clocks differ, and some SDKs stamp starts in whole milliseconds; less than this says nothing. */
const CLOCK_TOLERANCE_MS = 5;

function isAfter(span: Span, parent: Span | undefined): boolean {
  if (parent?.kind !== 'client' || parent.status !== 'error' || span.kind !== 'server') return false;
  return span.offsetMs + span.durationMs > parent.offsetMs + parent.durationMs + CLOCK_TOLERANCE_MS;
}

/** The rows of the waterfall, from the trace and what is folded away and opened. Pure. */
export function waterfallRows(trace: Trace, { collapsed, open, criticalOnly }: WaterfallOptions): Row[] {
  const { roots, children, byId } = treeOf(trace.spans);
  const below = countBelow(trace.spans);
  const critical = new Set<string>(trace.criticalPath);
  const rows: Row[] = [];
  const pending = [...roots].reverse().map((span) => ({ span, depth: 0 }));
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { span, depth } = next;
    const isCritical = critical.has(span.spanId);
    const folded = collapsed.has(span.spanId);
    const shown = !criticalOnly || isCritical;
    if (shown) {
      const { count = 0, error = false } = below.get(span.spanId) ?? {};
      const parent = span.parentSpanId === null ? undefined : byId.get(span.parentSpanId);
      rows.push({
        kind: 'span',
        span,
        depth,
        below: count,
        collapsed: folded,
        critical: isCritical,
        afterCaller: isAfter(span, parent),
        errorBelow: folded && error,
      });
      if (open === span.spanId) rows.push({ kind: 'details', span });
    }
    if (folded) continue;
    for (const child of [...(children.get(span.spanId) ?? [])].reverse()) {
      pending.push({ span: child, depth: shown ? depth + 1 : depth });
    }
  }
  return rows;
}

/** Times for the ruler: about `count` of them, from 0, on round numbers, none where the end has its own label. Milliseconds. */
export function rulerTicks(durationMs: number, count = 5): number[] {
  if (durationMs <= 0) return [0];
  const rough = durationMs / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((one) => one >= rough) ?? rough;
  const ticks: number[] = [];
  for (let at = 0; at < durationMs - step * 0.5; at += step) ticks.push(Number(at.toPrecision(12)));
  return ticks;
}
