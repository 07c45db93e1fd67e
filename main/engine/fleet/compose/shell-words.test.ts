import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShellWordsError, splitShellWords } from './shell-words.ts';

test.each<[string, string[]]>([
  ['node dist/main.js', ['node', 'dist/main.js']],
  ['  a \t b\n', ['a', 'b']],
  [`sh -c 'echo "$HOME" && ls'`, ['sh', '-c', 'echo "$HOME" && ls']],
  ['a "b c"d e\\ f', ['a', 'b cd', 'e f']],
  [`"a\\"b" "c\\d" ''`, ['a"b', 'c\\d', '']],
  ['a | b', ['a', '|', 'b']],
  ['one\\\ntwo', ['onetwo']],
  ['', []],
])('%j splits into %j', (line, words) => expect(splitShellWords(line)).toEqual(words));

test.each([
  [`a 'b`, 2],
  ['a "b\\"', 2],
  ['a\\', 1],
])('%j is refused at %d', (line, at) => {
  try {
    splitShellWords(line);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ShellWordsError);
    expect((error as ShellWordsError).at).toBe(at);
  }
});

test('words that are quoted come back as they were', () => {
  const single = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
  const double = (word: string) => `"${word.replace(/[$`"\\]/g, '\\$&')}"`;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.boolean())), (words) => {
      const line = words.map(([word, isSingle]) => (isSingle ? single(word) : double(word))).join(' ');
      expect(splitShellWords(line)).toEqual(words.map(([word]) => word));
    }),
  );
});
