import { fieldNames, findField, searchFields } from './fields.ts';
import { fold } from './pattern.ts';
import { printPiece, quote } from './print.ts';
import { type SearchToken, tokenize } from './tokenize.ts';

/** What occurs in the data: the more of it is given, the more completion can offer. */
export interface Vocabulary {
  readonly services?: readonly string[];
  /** Names of spans. */
  readonly names?: readonly string[];
  /** Keys of attributes, without the @. */
  readonly attributes?: readonly string[];
  /** Values by field name, or by attribute key with its @. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

export interface CompletionItem {
  /** What replaces the text from `from` to `to`. */
  readonly insert: string;
  readonly label: string;
  readonly detail: string;
  readonly kind: 'field' | 'attribute' | 'value';
}

export interface Completion {
  /** Offsets in the text, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly CompletionItem[];
}

const mostItems = 20;

/** What could stand at the cursor (an offset in the text): fields, attribute keys or values, best first, at most 20. */
export function completions(text: string, cursor: number, vocabulary: Vocabulary): Completion {
  const tokens = tokenize(text);
  const index = tokens.findIndex((token) => token.end >= cursor && token.kind !== 'space' && token.start < cursor);
  const token = tokens[index];
  if (token === undefined) return { from: cursor, to: cursor, items: startOfTerm('', vocabulary) };
  switch (token.kind) {
    case 'text':
    case 'field': {
      const typed = text.slice(token.start, cursor);
      return { from: token.start, to: token.end, items: startOfTerm(typed, vocabulary) };
    }
    case 'attribute': {
      const typed = text.slice(token.start + 1, cursor);
      return { from: token.start, to: token.end, items: attributeKeys(typed, vocabulary) };
    }
    case 'colon':
    case 'comma':
    case 'comparison':
    case 'value':
      return valuesAt(text, cursor, tokens, index, vocabulary);
    default:
      return { from: cursor, to: cursor, items: startOfTerm('', vocabulary) };
  }
}

function valuesAt(
  text: string,
  cursor: number,
  tokens: readonly SearchToken[],
  index: number,
  vocabulary: Vocabulary,
): Completion {
  const token = tokens[index];
  const owner = tokens.slice(0, index).findLast((before) => before.kind === 'field' || before.kind === 'attribute');
  const isValue = token?.kind === 'value';
  const from = isValue ? token.start : cursor;
  const next = tokens[index + 1];
  const to = isValue ? token.end : next?.kind === 'value' ? next.end : cursor;
  const typed = text.slice(from, cursor).replaceAll('"', '');
  const items = ranked(typed, valuesOf(owner, vocabulary)).map(
    (value): CompletionItem => ({
      insert: value === '' ? '""' : printPiece(value),
      label: value,
      detail: '',
      kind: 'value',
    }),
  );
  return { from, to, items };
}

function valuesOf(owner: SearchToken | undefined, vocabulary: Vocabulary): readonly string[] {
  if (owner?.kind === 'attribute') return vocabulary.values?.[`@${owner.key}`] ?? [];
  if (owner?.kind !== 'field') return [];
  const info = findField(owner.name);
  if (info === undefined) return [];
  if (info.words !== null) return info.words;
  if (info.field === 'service') return vocabulary.services ?? [];
  if (info.field === 'name') return vocabulary.names ?? [];
  if (info.field === 'duration') return ['1ms', '10ms', '100ms', '1s', '10s'];
  return vocabulary.values?.[info.field] ?? [];
}

function startOfTerm(typed: string, vocabulary: Vocabulary): CompletionItem[] {
  const fields = ranked(typed, fieldNames).flatMap((name): CompletionItem[] => {
    const info = findField(name);
    // An alias is offered only when it is being typed: the list of what there is has each field once.
    if (info === undefined || (info.field !== name && typed === '')) return [];
    const insert = name === 'duration' ? 'duration>' : `${name}:`;
    return [{ insert, label: name, detail: info.description, kind: 'field' }];
  });
  if (typed === '') return order(fields).slice(0, mostItems);
  const services = ranked(typed, vocabulary.services ?? []).map(
    (service): CompletionItem => ({
      insert: `service:${printPiece(service)}`,
      label: `service:${service}`,
      detail: 'Service',
      kind: 'value',
    }),
  );
  return [...fields, ...services, ...attributeKeys(typed, vocabulary)].slice(0, mostItems);
}

function order(items: CompletionItem[]): CompletionItem[] {
  const place = new Map(searchFields.map((info, index): [string, number] => [info.field, index]));
  return items.toSorted((a, b) => (place.get(a.label) ?? 0) - (place.get(b.label) ?? 0));
}

function attributeKeys(typed: string, vocabulary: Vocabulary): CompletionItem[] {
  return ranked(typed.replaceAll('"', ''), vocabulary.attributes ?? []).map((key) => ({
    insert: /^[^\s():<>=",]+$/.test(key) ? `@${key}:` : `@${quote(key)}:`,
    label: `@${key}`,
    detail: 'Attribute',
    kind: 'attribute',
  }));
}

/** Those that start with what was typed, then those that contain it. */
function ranked(typed: string, candidates: readonly string[]): string[] {
  const wanted = fold(typed);
  const starts: string[] = [];
  const contains: string[] = [];
  for (const candidate of candidates) {
    const at = fold(candidate).indexOf(wanted);
    if (at === 0) starts.push(candidate);
    else if (at > 0) contains.push(candidate);
  }
  return [...starts, ...contains].slice(0, mostItems);
}
