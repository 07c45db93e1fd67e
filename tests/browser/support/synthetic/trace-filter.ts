import type { Span, Trace } from '../../../../main/contract/index.ts';
import {
  type Comparison,
  matchesPattern,
  occursIn,
  parseSearch,
  type SearchNode,
} from '../../../../main/contract/search/index.ts';

type SpanTest = (span: Span, trace: Trace) => boolean;

/** Traces with a span that fits a search, as the engine's store would find them. */
export function traceFilter(query: string): (trace: Trace) => boolean {
  const test = compile(parseSearch(query));
  return (trace) => trace.spans.some((span) => test(span, trace));
}

function compile(node: SearchNode): SpanTest {
  switch (node.kind) {
    case 'all':
      return () => true;
    case 'text':
      return (span) =>
        occursIn(node.pattern, span.name) ||
        occursIn(node.pattern, span.statusMessage) ||
        Object.values(span.attributes).some((value) => occursIn(node.pattern, String(value)));
    case 'field':
      return (span, trace) => node.anyOf.some((pattern) => matchesPattern(pattern, fieldOf(node.field, span, trace)));
    case 'attribute':
      return (span) =>
        node.anyOf.some(
          (pattern) => node.key in span.attributes && matchesPattern(pattern, String(span.attributes[node.key])),
        );
    case 'exists':
      return (span) => node.key in span.attributes;
    case 'number':
      return (span) => compare(Number(span.attributes[node.key]), node.comparison, node.value);
    case 'duration':
      return (span) => compare(span.durationMs * 1e6, node.comparison, node.ns);
    case 'level':
      return () => false;
    case 'not': {
      const inner = compile(node.node);
      return (span, trace) => !inner(span, trace);
    }
    case 'and': {
      const tests = node.nodes.map(compile);
      return (span, trace) => tests.every((test) => test(span, trace));
    }
    case 'or': {
      const tests = node.nodes.map(compile);
      return (span, trace) => tests.some((test) => test(span, trace));
    }
  }
}

function fieldOf(field: string, span: Span, trace: Trace): string {
  const values: Record<string, string> = {
    service: span.service,
    name: span.name,
    kind: span.kind,
    status: span.status,
    scope: span.scope,
    message: span.statusMessage,
    trace: trace.traceId,
    span_id: span.spanId,
    has: span.status === 'error' ? 'error' : '',
  };
  return values[field] ?? '';
}

function compare(left: number, comparison: Comparison, right: number): boolean {
  const order = left - right;
  return comparison === '>'
    ? order > 0
    : comparison === '>='
      ? order >= 0
      : comparison === '<'
        ? order < 0
        : order <= 0;
}
