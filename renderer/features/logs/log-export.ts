import type { LogRecord } from '../../../main/contract/index.ts';

/** A line as a terminal would show it. */
export function lineText(line: LogRecord): string {
  return `${line.time} ${line.level.toUpperCase().padEnd(5)} ${line.service} ${line.message}`;
}

/** Lines as text, for pasting. */
export function linesText(lines: readonly LogRecord[]): string {
  return lines.map(lineText).join('\n');
}

/** Lines as JSON, one each (NDJSON), as the command line's `logs --json` prints them. */
export function jsonLines(lines: readonly LogRecord[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
