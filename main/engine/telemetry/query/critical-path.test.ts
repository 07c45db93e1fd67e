import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpanKind } from '../../../contract/index.ts';
import { criticalPath, type TimedSpan } from './critical-path.ts';
import { spanTree } from './span-tree.ts';

/** `['id', parent, start, end, kind]`, times in tens of milliseconds. */
type Short = [id: string, parent: string | null, start: number, end: number, kind?: SpanKind];

const UNIT_NS = 10_000_000;

const spans = (list: readonly Short[]): TimedSpan[] =>
  list.map(([spanId, parentSpanId, start, end, kind = 'internal']) => ({
    spanId,
    parentSpanId,
    startNs: BigInt(Math.round(start * UNIT_NS)),
    durationNs: BigInt(Math.round((end - start) * UNIT_NS)),
    kind,
  }));

function pathOf(...list: Short[]): string[] {
  const { main } = spanTree(spans(list));
  return main === undefined ? [] : criticalPath(main);
}

describe('criticalPath', () => {
  it('is the root alone when it waits for nothing', () => {
    expect(pathOf(['root', null, 0, 10])).toEqual(['root']);
  });

  it('takes calls that follow each other, in order of time', () => {
    expect(pathOf(['root', null, 0, 100], ['b', 'root', 50, 90], ['a', 'root', 10, 40], ['a1', 'a', 15, 35])).toEqual([
      'root',
      'a',
      'a1',
      'b',
    ]);
  });

  it('takes of parallel calls the one that finished last, and what came before it began', () => {
    expect(
      pathOf(['root', null, 0, 100], ['before', 'root', 0, 20], ['fast', 'root', 25, 60], ['slow', 'root', 21, 95]),
    ).toEqual(['root', 'before', 'slow']);
  });

  it('leaves out what goes on after its parent, and messages', () => {
    expect(
      pathOf(
        ['root', null, 0, 50, 'server'],
        ['job', 'root', 10, 80],
        ['late', 'root', 60, 70],
        ['send', 'root', 20, 25, 'producer'],
        ['receive', 'send', 22, 24, 'consumer'],
      ),
    ).toEqual(['root', 'send']);
  });

  it('counts the server of a call up to the end of the call', () => {
    const call: Short[] = [
      ['root', null, 0, 50, 'server'],
      ['call', 'root', 10, 40, 'client'],
      ['serve', 'call', 11, 41, 'server'],
      ['db', 'serve', 20, 41, 'client'],
      ['db-before', 'serve', 12, 19, 'client'],
    ];
    expect(pathOf(...call)).toEqual(['root', 'call', 'serve', 'db-before', 'db']);
    const gaveUp = call.map((span): Short => (span[0] === 'serve' ? ['serve', 'call', 11, 500, 'server'] : span));
    expect(pathOf(...gaveUp)).toEqual(['root', 'call', 'serve', 'db-before', 'db']);
  });

  it('stands a clock that is ahead or behind', () => {
    expect(pathOf(['root', null, 100, 200], ['early', 'root', 50, 150], ['other', 'root', 20, 60])).toEqual([
      'root',
      'early',
    ]);
  });

  it('looks over the step of a clock that counts whole milliseconds', () => {
    expect(
      pathOf(
        ['root', null, 0, 9.95],
        ['reserve', 'root', 1, 3.08],
        ['charge', 'root', 3, 10.02],
        ['bank', 'charge', 3.1, 10.04],
        ['job', 'root', 5, 10.2],
      ),
    ).toEqual(['root', 'reserve', 'charge', 'bank']);
  });

  it('comes to an end on any set of spans, and takes no span twice', () => {
    const id = fc.nat({ max: 12 }).map(String);
    const span = fc.record({
      spanId: id,
      parentSpanId: fc.option(id),
      startNs: fc.bigInt(0n, 5_000_000n),
      durationNs: fc.bigInt(0n, 5_000_000n),
    });
    const kind = fc.constantFrom<SpanKind>('internal', 'client', 'server', 'consumer');
    fc.assert(
      fc.property(fc.array(fc.tuple(span, kind)), (list) => {
        const all = list.map(([s, k]) => ({ ...s, kind: k }));
        const tree = spanTree(all);
        const ids = new Set(all.map((s) => s.spanId));
        expect(tree.ordered.map((s) => s.spanId).toSorted()).toEqual([...ids].toSorted());
        expect(tree.main === undefined).toBe(all.length === 0);
        const path = tree.main === undefined ? [] : criticalPath(tree.main);
        expect(new Set(path).size).toBe(path.length);
        expect(path[0]).toBe(tree.main?.span.spanId);
      }),
    );
  });
});

describe('spanTree', () => {
  const ids = (list: readonly { spanId: string }[]): string[] => list.map((span) => span.spanId);

  it('puts parents before children and siblings by start', () => {
    const tree = spanTree(
      spans([
        ['c2', 'root', 20, 30],
        ['g', 'c1', 12, 13],
        ['root', null, 0, 50],
        ['c1', 'root', 10, 15],
      ]),
    );
    expect(ids(tree.ordered)).toEqual(['root', 'c1', 'g', 'c2']);
  });

  it('shows orphans and further roots at the top, and takes the earliest root for the trace', () => {
    const tree = spanTree(
      spans([
        ['orphan', 'gone', 0, 5],
        ['second', null, 20, 30],
        ['root', null, 10, 50],
      ]),
    );
    expect(ids(tree.roots.map((node) => node.span))).toEqual(['orphan', 'root', 'second']);
    expect(tree.main?.span.spanId).toBe('root');
  });

  it('opens circles at their earliest span', () => {
    const tree = spanTree(
      spans([
        ['self', 'self', 5, 6],
        ['b', 'a', 1, 2],
        ['a', 'c', 3, 4],
        ['c', 'b', 2, 4],
        ['tail', 'a', 9, 9],
        ['root', null, 0, 50],
      ]),
    );
    expect(ids(tree.ordered)).toEqual(['root', 'b', 'c', 'a', 'tail', 'self']);
    expect(ids(tree.roots.map((node) => node.span))).toEqual(['root', 'b', 'self']);
  });

  it('walks a chain of any depth', () => {
    const chain = spans(
      Array.from({ length: 20_000 }, (_, i): Short => [String(i), i === 0 ? null : String(i - 1), i, 50_000 - i]),
    );
    const { main, ordered } = spanTree(chain);
    expect(ordered.length).toBe(20_000);
    expect(main === undefined ? 0 : criticalPath(main).length).toBe(20_000);
  });
});
