import type { LogLevel } from '../telemetry.ts';
import type { Comparison, Pattern, SearchNode } from './ast.ts';
import { type FieldInfo, fieldNames, findField, levelRank } from './fields.ts';
import { nearest } from './nearest.ts';
import { isPlain, matchesPattern } from './pattern.ts';
import { syntaxError } from './syntax-error.ts';
import type { SearchToken } from './tokenize.ts';

export interface TermTokens {
  peek(): SearchToken | undefined;
  next(): SearchToken | undefined;
}

type Of<K extends SearchToken['kind']> = Extract<SearchToken, { kind: K }>;
type Owner = Of<'field'> | Of<'attribute'>;
type Value = Of<'value'>;
type Relation = { comparison: Comparison; value: Value } | { comparison: null; values: Value[] };

const nsPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
};

/** Reads one term: a word, a phrase, `field:value`, `field>value`, `@attribute:value`. */
export function parseTerm(tokens: TermTokens): SearchNode {
  const token = tokens.next();
  if (token?.kind === 'text') {
    requireClosed(token);
    const matchesAll = token.pattern.every((piece) => piece === '');
    return matchesAll ? { kind: 'all' } : { kind: 'text', pattern: token.pattern };
  }
  if (token?.kind === 'attribute') return attribute(token, tokens);
  if (token?.kind === 'field') return field(token, tokens);
  throw syntaxError(token ?? { start: 0, text: '' }, 'a term is missing here', 'Write a word, or field:value.');
}

function attribute(token: Of<'attribute'>, tokens: TermTokens): SearchNode {
  requireClosed(token);
  const { key } = token;
  if (key === '') {
    throw syntaxError(token, 'the name of an attribute is missing', 'Write for example @user.id:42.');
  }
  const relation = readRelation(token, tokens);
  if (relation.comparison !== null) {
    return { kind: 'number', key, comparison: relation.comparison, value: number(relation.value) };
  }
  const anyOf = relation.values.map((value) => value.pattern);
  const exists = anyOf.some((pattern) => pattern.length > 1 && pattern.every((piece) => piece === ''));
  return exists ? { kind: 'exists', key } : { kind: 'attribute', key, anyOf };
}

function field(token: Of<'field'>, tokens: TermTokens): SearchNode {
  const info = findField(token.name);
  if (info === undefined) throw unknownField(token);
  const relation = readRelation(token, tokens);
  if (relation.comparison !== null) return compared(token, info, relation.comparison, relation.value);
  if (info.field === 'duration') {
    throw syntaxError(token, 'a duration can only be compared', 'Write for example duration>200ms.');
  }
  const { words, field: name } = info;
  const anyOf = relation.values.flatMap((value) => (words === null ? [value.pattern] : fitting(value, info, words)));
  return { kind: 'field', field: name, anyOf };
}

function compared(token: Owner, info: FieldInfo, comparison: Comparison, value: Value): SearchNode {
  if (info.field === 'duration') return { kind: 'duration', comparison, ns: durationNs(value) };
  if (info.field === 'level') {
    const [word] = fitting(value, info, info.words ?? []);
    return { kind: 'level', comparison, rank: levelRank((word?.[0] ?? 'info') as LogLevel) };
  }
  throw syntaxError(token, `${info.field} has no order to compare by`, `Write ${info.field}:value.`);
}

/** The words of a fixed list that a value means; an asterisk may mean several. */
function fitting(value: Value, info: FieldInfo, words: readonly string[]): Pattern[] {
  const [piece] = value.pattern;
  if (isPlain(value.pattern)) {
    const lower = piece.toLowerCase();
    const word = info.synonyms[lower] ?? lower;
    if (words.includes(word)) return [[word]];
  } else {
    const found = words.filter((word) => matchesPattern(value.pattern, word));
    if (found.length > 0) return found.map((word) => [word]);
  }
  const meant = nearest(piece, words);
  const known = `${info.field} is one of ${words.join(', ')}.`;
  throw syntaxError(
    value,
    `${info.field} has no such value`,
    info.field === 'status' && /^\d+$/.test(piece)
      ? `For an HTTP status write @http.response.status_code:${piece}. ${capital(known)}`
      : meant === undefined
        ? capital(known)
        : `Did you mean ${meant}? ${capital(known)}`,
  );
}

function readRelation(owner: Owner, tokens: TermTokens): Relation {
  const colon = tokens.peek()?.kind === 'colon' ? tokens.next() : undefined;
  const comparison = tokens.peek()?.kind === 'comparison' ? tokens.next() : undefined;
  if (comparison?.kind === 'comparison') {
    if (comparison.comparison === '=') {
      throw syntaxError(
        owner,
        'values are given with a colon',
        `Write ${owner.text}:value, or put the text in quotes.`,
      );
    }
    const value = readValue(owner, tokens);
    if (tokens.peek()?.kind === 'comma') {
      throw syntaxError(value, 'only one value can be compared with', 'Use OR for several comparisons.');
    }
    return { comparison: comparison.comparison, value };
  }
  if (colon === undefined) {
    throw syntaxError(owner, 'a value is missing', `Write ${owner.text}:value, or ${owner.text}:* for any value.`);
  }
  const values = [readValue(owner, tokens)];
  while (tokens.peek()?.kind === 'comma') {
    tokens.next();
    values.push(readValue(owner, tokens));
  }
  return { comparison: null, values };
}

function readValue(owner: Owner, tokens: TermTokens): Value {
  const token = tokens.peek();
  if (token?.kind !== 'value') {
    const example = owner.kind === 'field' ? (findField(owner.name)?.words?.[0] ?? 'value') : 'value';
    throw syntaxError(
      owner,
      'a value is missing',
      `Write it at once after the colon, for example ${owner.text}:${example}.`,
    );
  }
  tokens.next();
  requireClosed(token);
  return token;
}

function requireClosed(token: Value | Of<'text'> | Of<'attribute'>): void {
  if (!token.open) return;
  throw syntaxError(
    token,
    'the quote is never closed',
    'Add " where the phrase ends, or write \\" for a quote in a phrase.',
  );
}

function number(value: Value): number {
  const [piece] = value.pattern;
  const plain = isPlain(value.pattern) && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(piece);
  const parsed = Number(piece);
  if (plain && Number.isFinite(parsed)) return parsed;
  throw syntaxError(
    value,
    'this is not a number',
    'Compare attributes with a plain number, such as @http.response.status_code>=500.',
  );
}

function durationNs(value: Value): number {
  const [piece] = value.pattern;
  const match = isPlain(value.pattern) ? /^(\d+\.?\d*|\.\d+)\s*([a-zµμ]*)$/i.exec(piece) : null;
  const amount = match?.[1];
  const unit = match?.[2]?.toLowerCase() ?? '';
  if (amount === undefined) {
    throw syntaxError(
      value,
      'this is not a duration',
      'Write a number and a unit, such as 200ms. Units: ns us ms s m h.',
    );
  }
  const factor = nsPerUnit[unit];
  if (factor === undefined) {
    throw syntaxError(
      value,
      unit === '' ? 'the unit is missing' : `there is no unit ${unit}`,
      `Did you mean ${amount}ms? Units: ns us ms s m h.`,
    );
  }
  // Beyond 2^53 ns (104 days) numbers are not exact and no span lasts that long.
  return Math.min(Math.round(Number(amount) * factor), Number.MAX_SAFE_INTEGER);
}

function unknownField(token: Of<'field'>): Error {
  const meant = nearest(token.name, fieldNames);
  const hint = token.name.includes('.')
    ? `Attributes start with @: write @${token.name}.`
    : meant === undefined
      ? `Write @${token.name} if it is an attribute, or put text with a colon in quotes. Fields: ${fieldsInShort}.`
      : `Did you mean ${meant}? Write @${token.name} if it is an attribute.`;
  return syntaxError(token, 'there is no such field', hint);
}

const fieldsInShort =
  'service, status, level, duration, name, message, kind, has, trace, span_id, scope, instance, source';

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
