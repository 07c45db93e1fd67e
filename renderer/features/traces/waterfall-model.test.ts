import { expect, test } from 'vitest';
import type { Span, Trace } from '../../../main/contract/index.ts';
import { rulerTicks, waterfallRows } from './waterfall-model.ts';

function span(id: string, parent: string | null, offsetMs: number, durationMs: number, more: Partial<Span> = {}): Span {
  return {
    spanId: id as Span['spanId'],
    parentSpanId: parent as Span['parentSpanId'],
    service: 'orders',
    name: id,
    kind: 'internal',
    startTime: '',
    offsetMs,
    durationMs,
    status: 'unset',
    statusMessage: '',
    scope: '',
    attributes: {},
    events: [],
    links: [],
    ...more,
  };
}

function trace(spans: Span[], criticalPath: string[] = []): Trace {
  const root = { service: 'orders', name: 'root' };
  return {
    traceId: '' as Trace['traceId'],
    root,
    startTime: '',
    durationMs: 100,
    spans,
    criticalPath,
    resources: {},
  } as Trace;
}

const closed = { collapsed: new Set<string>(), open: null, criticalOnly: false };
const brief = (rows: ReturnType<typeof waterfallRows>) =>
  rows.map((row) => (row.kind === 'details' ? `details ${row.span.name}` : `${' '.repeat(row.depth)}${row.span.name}`));

const shop = trace(
  [span('a', null, 0, 100), span('b', 'a', 5, 60), span('c', 'b', 10, 20, { status: 'error' }), span('d', 'a', 70, 20)],
  ['a', 'd'],
);

test('children stand below their parents, details below their span', () => {
  expect(brief(waterfallRows(shop, closed))).toEqual(['a', ' b', '  c', ' d']);
  expect(brief(waterfallRows(shop, { ...closed, open: 'b' }))).toEqual(['a', ' b', 'details b', '  c', ' d']);
});

test('what is folded away is counted, and its error is not hidden', () => {
  const rows = waterfallRows(shop, { ...closed, collapsed: new Set(['b']) });
  expect(brief(rows)).toEqual(['a', ' b', ' d']);
  expect(rows[1]).toMatchObject({ below: 1, errorBelow: true });
  expect(rows[0]).toMatchObject({ below: 3, errorBelow: false });
});

test('the critical path alone closes up the gaps', () => {
  expect(brief(waterfallRows(shop, { ...closed, criticalOnly: true }))).toEqual(['a', ' d']);
});

test('a span whose parent did not arrive, or that is its own, stands at the top', () => {
  expect(brief(waterfallRows(trace([span('a', 'missing', 0, 1), span('b', 'b', 0, 1)]), closed))).toEqual(['a', 'b']);
});

test('an answer that comes after its call failed is told, clocks that differ and late messages are not', () => {
  const fine = trace([span('call', null, 0, 10, { kind: 'client' }), span('late', 'call', 2, 30, { kind: 'server' })]);
  expect(waterfallRows(fine, closed).map((row) => row.kind === 'span' && row.afterCaller)).toEqual([false, false]);
  const rows = waterfallRows(
    trace([
      span('call', null, 0, 10, { kind: 'client', status: 'error' }),
      span('late', 'call', 2, 30, { kind: 'server' }),
      span('message', 'call', 50, 5, { kind: 'consumer' }),
    ]),
    closed,
  );
  expect(rows.map((row) => row.kind === 'span' && row.afterCaller)).toEqual([false, true, false]);
});

test('the ruler has round times that do not crowd the end', () => {
  expect(rulerTicks(1530)).toEqual([0, 500, 1000]);
  expect(rulerTicks(0.4)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(rulerTicks(0)).toEqual([0]);
});
