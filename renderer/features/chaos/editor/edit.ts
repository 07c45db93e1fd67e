export interface Selected {
  readonly from: number;
  readonly to: number;
}

export interface Edit extends Selected {
  /** What stands from `from` to `to` afterwards. */
  readonly text: string;
}

const INDENT = '  ';
const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** The edit of Tab: two spaces, or the selected lines further in; with Shift further out. Null where it changes nothing. */
export function indent(text: string, { from, to }: Selected, isOut: boolean): Edit | null {
  if (from === to && !isOut) return { from, to, text: INDENT };
  const start = lineStart(text, from);
  const lines = text.slice(start, to);
  const changed = isOut ? lines.replace(/^ {1,2}/gm, '') : lines.replace(/^(?=[^\n])/gm, INDENT);
  return changed === lines ? null : { from: start, to, text: changed };
}

/** The edit of Enter: a new line as far in as this one, or further where this one opens something. */
export function newLine(text: string, { from, to }: Selected): Edit {
  const line = text.slice(lineStart(text, from), from);
  const space = /^ */.exec(line)?.[0] ?? '';
  const opens = /[:{[]\s*$/.test(line);
  return { from, to, text: `\n${space}${opens ? INDENT : ''}` };
}

/** Where a line and column, from 1, are in the text; at the end of what there is where they lie beyond. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const next = text.indexOf('\n', start);
    if (next < 0) return text.length;
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + Math.max(0, column - 1), end < 0 ? text.length : end);
}
