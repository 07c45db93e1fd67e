/** What a statement does and to which table, as in `{ operation: 'INSERT', table: 'order_events' }`. */
export interface SqlSummary {
  operation: string;
  /** Its first table; undefined where it has none. */
  table?: string;
}

const PATTERN = /\b(?:(INSERT)\s+INTO|(UPDATE)|(DELETE)\s+FROM|(SELECT)\b[\s\S]*?\bFROM)\s+"?([a-z_][\w.]*)/i;
const MOST = 1_000;
const summaries = new Map<string, SqlSummary>();

/**
 * Sums up a statement for the name of its span, which by OpenTelemetry's conventions is `{operation} {table}`:
 * https://opentelemetry.io/docs/specs/semconv/database/database-spans/#name. Statements are texts with placeholders, so
 * there are few of them and each is looked at once.
 */
export function summarizeSql(text: string): SqlSummary {
  const known = summaries.get(text);
  if (known !== undefined) return known;
  const summary = read(text);
  if (summaries.size < MOST) summaries.set(text, summary);
  return summary;
}

function read(text: string): SqlSummary {
  const match = PATTERN.exec(text);
  if (match === null) return { operation: /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'SQL' };
  const [, insert, update, remove, select, table] = match;
  return { operation: (insert ?? update ?? remove ?? select ?? 'SQL').toUpperCase(), table };
}
