import { toErrorView } from '../contract/index.ts';

export interface Column<T> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  value(row: T): string;
}

/** Rows as aligned columns with a heading; the last left-aligned column is not padded. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = [
    columns.map((column) => column.title.toUpperCase()),
    ...rows.map((row) => columns.map((c) => c.value(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => (line[index] ?? '').length)));
  return cells
    .map((line) =>
      line
        .map((cell, index) => {
          const width = widths[index] ?? 0;
          return columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What a command prints: one JSON value with --json, a text for people without. */
export function print(json: boolean, value: unknown, text: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text()}\n`);
}

/** One JSON object a line, or a line of text. */
export function printLine(json: boolean, value: unknown, text: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text()}\n`);
}

/** Progress and remarks go to stderr, so that stdout is only what was asked for. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** An error as a person reads it, or as JSON for scripts; always on stderr. */
export function printError(json: boolean, thrown: unknown): void {
  const view = toErrorView(thrown);
  process.stderr.write(json ? `${JSON.stringify({ error: view })}\n` : `${view.message}\n  → ${view.remedy}\n`);
}

const colours = { red: 31, green: 32, yellow: 33, blue: 34, grey: 90, bold: 1 } as const;

/** Coloured text where the stream is a terminal and NO_COLOR is not set (no-color.org). */
export function paint(colour: keyof typeof colours, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const plain = !stream.isTTY || Boolean(process.env.NO_COLOR);
  return plain ? text : `\u001b[${colours[colour]}m${text}\u001b[0m`;
}
