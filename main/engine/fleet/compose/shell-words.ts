/** A command line whose quotes do not close. */
export class ShellWordsError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.name = 'ShellWordsError';
    this.at = at;
  }
}

/** Reads a quoted part that starts at `at` (on its quote); gives its text and the offset after the closing quote. */
function readQuoted(line: string, at: number): { text: string; next: number } {
  const quote = line.charAt(at);
  let text = '';
  let here = at + 1;
  while (here < line.length && line.charAt(here) !== quote) {
    const char = line.charAt(here);
    const following = line.charAt(here + 1);
    if (quote === '"' && char === '\\' && '$`"\\\n'.includes(following) && following !== '') {
      if (following !== '\n') text += following;
      here += 2;
    } else {
      text += char;
      here += 1;
    }
  }
  if (here >= line.length) throw new ShellWordsError(at, `the quote ${quote} is not closed`);
  return { text, next: here + 1 };
}

/**
 * Splits a command line into words as a POSIX shell does (XCU 2.2, quoting), without running or expanding anything:
 * operators, globs and variables are ordinary characters. Throws ShellWordsError.
 */
export function splitShellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  while (at < line.length) {
    const char = line.charAt(at);
    if (char === "'" || char === '"') {
      const quoted = readQuoted(line, at);
      word = (word ?? '') + quoted.text;
      at = quoted.next;
    } else if (char === '\\') {
      const escaped = line.charAt(at + 1);
      if (escaped === '') throw new ShellWordsError(at, 'a backslash at the end escapes nothing');
      if (escaped !== '\n') word = (word ?? '') + escaped;
      at += 2;
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
    } else {
      word = (word ?? '') + char;
      at += 1;
    }
  }
  if (word !== null) words.push(word);
  return words;
}
