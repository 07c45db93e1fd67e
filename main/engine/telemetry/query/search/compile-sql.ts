import { fold, isPlain, type Pattern, type SearchNode, type ValueField } from '../../../../contract/search/index.ts';
import { spanIdToNumber, traceIdToUuid } from '../../store/ids.ts';
import { jsonEscaped, jsonPointer, likePattern, type Parameters } from './sql.ts';

type FieldNode = Extract<SearchNode, { kind: 'field' }>;
type NumberNode = Extract<SearchNode, { kind: 'number' }>;

/** How one signal's table answers the terms of a search. Column names are ours, never a user's. */
export interface SignalTable {
  /** Columns that a bare word is looked for in. */
  readonly text: readonly string[];
  /** JSON columns whose values a bare word is looked for in: the column, and the path of the values in it. */
  readonly json: readonly { readonly column: string; readonly paths: readonly string[] }[];
  /** An SQL condition for one field, or null when the signal has no such field. */
  field(node: FieldNode, parameters: Parameters): string | null;
  /** Column of durations in nanoseconds, of levels; null: the signal has none. */
  readonly duration: string | null;
  readonly level: string | null;
  /** Column of an attribute that the store keeps as a number of its own, 0 for none. */
  numberColumn(key: string): string | null;
}

/** What text of an attribute counts as a number; see compile-log-filter.ts for its twin. */
export const numberPattern = '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?';

/**
 * A search as a condition on a signal's table that is true or false, never NULL. Every value of the search goes into
 * `parameters`.
 */
export function compileSearch(node: SearchNode, table: SignalTable, parameters: Parameters): string {
  switch (node.kind) {
    case 'all':
      return 'true';
    case 'text':
      return text(node.pattern, table, parameters);
    case 'field':
      return table.field(node, parameters) ?? 'false';
    case 'attribute':
      return anyOf(node.anyOf.map((pattern) => attribute(node.key, pattern, parameters)));
    case 'exists':
      return withKey(node.key, parameters, (value) => `${value} IS NOT NULL`);
    case 'number':
      return number(node, table, parameters);
    case 'duration':
      return table.duration === null
        ? 'false'
        : `${table.duration} ${node.comparison} ${parameters.bind(BigInt(node.ns))}::BIGINT`;
    case 'level':
      return table.level === null
        ? 'false'
        : `${table.level} ${node.comparison} ${parameters.bind(node.rank)}::INTEGER`;
    case 'not':
      return `(NOT ${compileSearch(node.node, table, parameters)})`;
    case 'and':
      return `(${node.nodes.map((inner) => compileSearch(inner, table, parameters)).join(' AND ')})`;
    case 'or':
      return anyOf(node.nodes.map((inner) => compileSearch(inner, table, parameters)));
  }
}

export function anyOf(conditions: readonly string[]): string {
  return `(${conditions.join(' OR ')})`;
}

/** The whole of a text expression fits the pattern. */
export function fits(expression: string, pattern: Pattern, parameters: Parameters): string {
  const pieces = pattern.map(fold);
  return isPlain(pattern)
    ? `lower(${expression}) = ${parameters.bind(pieces[0] ?? '')}`
    : `lower(${expression}) LIKE ${parameters.bind(likePattern(pieces))} ESCAPE '\\'`;
}

/** The pattern fits somewhere in a text expression whose case is gone already. */
function occurs(folded: string, pieces: readonly string[], parameters: Parameters): string {
  return pieces.length === 1
    ? `contains(${folded}, ${parameters.bind(pieces[0] ?? '')})`
    : `${folded} LIKE ${parameters.bind(likePattern(['', ...pieces, '']))} ESCAPE '\\'`;
}

function text(pattern: Pattern, table: SignalTable, parameters: Parameters): string {
  const pieces = pattern.map(fold);
  const conditions = table.text.map((column) => occurs(`lower(${column})`, pieces, parameters));
  for (const { column, paths } of table.json) {
    // The JSON as a whole is looked at first: it is fast and almost always decides. Only its values count, though. A text
    // is escaped in there; lists and objects are looked at as the JSON that they are.
    const escaped = pieces.map((piece) => fold(jsonEscaped(piece)));
    const spellings = escaped.every((piece, index) => piece === pieces[index]) ? [pieces] : [escaped, pieces];
    const maybe = anyOf(spellings.map((spelling) => occurs(`lower(${column})`, spelling, parameters)));
    const values = paths.map(
      (path) => `len(list_filter(json_extract_string(${column}, '${path}'),
        lambda v: ${occurs('lower(v)', pieces, parameters)})) > 0`,
    );
    conditions.push(`CASE WHEN ${maybe} THEN coalesce(${values.join(' OR ')}, false) ELSE false END`);
  }
  return anyOf(conditions);
}

/**
 * A condition on the value of an attribute as text. `maybe` sorts rows out before any JSON is read, by default those without
 * the key.
 */
function withKey(
  key: string,
  parameters: Parameters,
  condition: (value: string) => string,
  maybe = `contains(attributes, ${parameters.bind(`${JSON.stringify(key)}:`)})`,
): string {
  const value = `json_extract_string(attributes, ${parameters.bind(jsonPointer(key))})`;
  return `CASE WHEN ${maybe} THEN coalesce(${condition(value)}, false) ELSE false END`;
}

function attribute(key: string, pattern: Pattern, parameters: Parameters): string {
  const start = fold(pattern[0]);
  if (start === '') return withKey(key, parameters, (value) => fits(value, pattern, parameters));
  // As a text, as a number or word, and as part of a list or object, which is JSON itself.
  const beginnings = new Set([`"${fold(jsonEscaped(pattern[0]))}`, start]);
  const caseless = start === start.toUpperCase();
  const keyText = JSON.stringify(key);
  const maybe = [...beginnings].map((beginning) =>
    caseless
      ? `contains(attributes, ${parameters.bind(`${keyText}:${beginning}`)})`
      : `contains(lower(attributes), ${parameters.bind(`${fold(keyText)}:${beginning}`)})`,
  );
  return withKey(key, parameters, (value) => fits(value, pattern, parameters), anyOf(maybe));
}

function number({ key, comparison, value }: NumberNode, table: SignalTable, parameters: Parameters): string {
  const column = table.numberColumn(key);
  if (column !== null) return `(${column} <> 0 AND ${column} ${comparison} ${parameters.bind(value)}::DOUBLE)`;
  const compared = (text: string): string =>
    `try_cast(${text} AS DOUBLE) ${comparison} ${parameters.bind(value)}::DOUBLE`;
  // A cast takes more for a number than we do (`inf`, blanks around it): the few that fit are looked at again.
  return withKey(
    key,
    parameters,
    (text) => `CASE WHEN ${compared(text)} THEN regexp_full_match(${text}, '${numberPattern}') END`,
  );
}

/** One of the words of a fixed list, kept as its number in the list. */
export function numbered(column: string, words: readonly string[], node: FieldNode): string {
  const numbers = node.anyOf.map(([word]) => words.indexOf(word)).filter((index) => index >= 0);
  return numbers.length === 0 ? 'false' : `${column} IN (${numbers.join(', ')})`;
}

/** Conditions that both signals share: ids and texts. */
export function commonField(
  node: FieldNode,
  columns: Partial<Record<ValueField, string>>,
  parameters: Parameters,
): string | null {
  if (node.field === 'trace') return anyOf(node.anyOf.map((pattern) => traceId(pattern, parameters)));
  if (node.field === 'span_id') return anyOf(node.anyOf.map((pattern) => spanId(pattern, parameters)));
  const column = columns[node.field];
  return column === undefined ? null : anyOf(node.anyOf.map((pattern) => fits(column, pattern, parameters)));
}

function traceId(pattern: Pattern, parameters: Parameters): string {
  const id = pattern[0].toLowerCase();
  if (isPlain(pattern) && /^[0-9a-f]{32}$/.test(id)) {
    return `coalesce(trace_id = ${parameters.bind(traceIdToUuid(id))}::UUID, false)`;
  }
  return `coalesce(${fits("replace(trace_id::VARCHAR, '-', '')", pattern, parameters)}, false)`;
}

function spanId(pattern: Pattern, parameters: Parameters): string {
  const id = pattern[0].toLowerCase();
  if (isPlain(pattern) && /^[0-9a-f]{16}$/.test(id)) {
    return `coalesce(span_id = ${parameters.bind(spanIdToNumber(id))}::UBIGINT, false)`;
  }
  return `coalesce(${fits("format('{:016x}', span_id)", pattern, parameters)}, false)`;
}
