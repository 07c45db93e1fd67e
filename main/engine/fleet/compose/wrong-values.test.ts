import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { FlotillaError } from '../../../contract/index.ts';
import { readText } from './read-fleet.fixture.ts';

const file = fileURLToPath(new URL('../../../../tests/compose-files/every-key/compose.yaml', import.meta.url));
const source = readFileSync(file, 'utf8');
const beside = { 'included.yaml': 'services: { base: { image: base } }', 'values.env': 'A=b' };
const WRONG = ['', '[]', '{}', '[[]]', '{ a: { b: [] } }', '"%"', '-1', '[ { } ]'];

/** Where each value of the file starts and ends. */
function valuesOf(text: string): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  const walk = (node: Node | null): void => {
    if (isMap(node)) {
      for (const { value } of node.items) {
        const [start, end] = (value as Node | null)?.range ?? [0, 0];
        if (end > start) ranges.push([start, end]);
        walk(value as Node | null);
      }
    }
    if (isSeq(node)) for (const item of node.items) walk(item as Node);
    if (isScalar(node)) return;
  };
  walk(parseDocument(text).contents);
  return ranges;
}

test('whatever stands in the place of a value, it is read or refused with its place', async () => {
  let refused = 0;
  for (const [index, [start, end]] of valuesOf(source).entries()) {
    if (index % 3 !== 0) continue;
    const wrong = WRONG[index % WRONG.length] ?? '';
    const isBlock = source.slice(0, start).endsWith('\n') || /\n *$/.test(source.slice(0, start));
    const text = `${source.slice(0, start)}${wrong}${isBlock ? '\n' : ''}${source.slice(end)}`;
    const error = await readText(text, { beside, profiles: ['all'], environment: { HOME: '/' } }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (error === null) continue;
    refused += 1;
    expect(error, text).toBeInstanceOf(FlotillaError);
    const { code, details } = error as FlotillaError;
    expect([code, Number(details.line) > 0, Number(details.column) > 0]).toEqual([code, true, true]);
  }
  expect(refused).toBeGreaterThan(60);
}, 60_000);
