import fc from 'fast-check';
import { expect, it } from 'vitest';
import { highlightLine } from './highlight.ts';

const kinds = (line: string) =>
  highlightLine(line).flatMap(({ kind, text }) => (kind === 'plain' ? [] : [`${kind} ${text}`]));

it('tells keys, texts, values, variables and comments of YAML and JSON apart', () => {
  expect(kinds('title: Slow payments # why')).toEqual(['key title', 'comment # why']);
  expect(kinds('  - type: "a: b"')).toEqual(['key type', 'text "a: b"']);
  expect(kinds('  url: ${flotilla_url}/api/fault.add')).toEqual(['key url', 'variable ${flotilla_url}']);
  expect(kinds('{ kind: latency, forSeconds: 30, ok: true }')).toEqual([
    'key kind',
    'key forSeconds',
    'value 30',
    'key ok',
    'value true',
  ]);
  expect(kinds('"title": "Slow", "n": -1.5')).toEqual(['key "title":', 'text "Slow"', 'key "n":', 'value -1.5']);
  expect(kinds('http://x#y v1.2.3')).toEqual([]);
});

it('loses nothing of any line', () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      expect(
        highlightLine(line)
          .map((token) => token.text)
          .join(''),
      ).toBe(line);
    }),
  );
});
