import type { Pattern } from './ast.ts';

/** Whether the pattern has no asterisk: only the very text fits. */
export function isPlain(pattern: Pattern): boolean {
  return pattern.length === 1;
}

/**
 * Text with its case taken away, one character at a time as the store does it: `toLowerCase` on a whole text looks at
 * neighbours (the Greek final sigma) and makes two characters of `İ`.
 */
export function fold(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is that of ASCII
  if (/^[\u0000-\u007f]*$/.test(text)) return text.toLowerCase();
  let folded = '';
  for (const char of text) folded += char === 'İ' ? 'i' : char.toLowerCase();
  return folded;
}

/** Whether the whole text fits the pattern, ignoring case. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  return foldedMatch(pattern.map(fold), fold(text), false);
}

/** Whether the pattern fits somewhere in the text, ignoring case. */
export function occursIn(pattern: Pattern, text: string): boolean {
  return foldedMatch(pattern.map(fold), fold(text), true);
}

/** The same on text that is folded already: for a pattern that is tried on many. */
export function foldedMatch(pieces: readonly string[], text: string, anywhere: boolean): boolean {
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return anywhere ? text.includes(first) : text === first;
  let at = 0;
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] ?? '';
    if (index === pieces.length - 1 && !anywhere) return text.length - last.length >= at && text.endsWith(last);
    const found = text.indexOf(piece, at);
    if (found < 0 || (index === 0 && !anywhere && found > 0)) return false;
    at = found + piece.length;
  }
  return true;
}
