import { type SearchToken, tokenize } from '../../main/contract/search/index.ts';
import { printPiece, quote } from '../../main/contract/search/print.ts';

/** A term of a search that stands by itself: not inside parentheses. */
interface Term {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly negated: boolean;
  readonly tokens: readonly SearchToken[];
}

/** The terms of a search, and whether all of them have to hold (there is no OR between them). */
function termsOf(query: string): { terms: Term[]; conjunction: boolean } {
  const terms: Term[] = [];
  let conjunction = true;
  let depth = 0;
  let run: SearchToken[] = [];
  const finish = (): void => {
    const [first] = run;
    const last = run.at(-1);
    if (first && last) {
      const text = query.slice(first.start, last.end);
      terms.push({ start: first.start, end: last.end, text, negated: first.kind === 'negation', tokens: run });
    }
    run = [];
  };
  for (const token of tokenize(query)) {
    if (token.kind === 'open') depth += 1;
    if (token.kind === 'close') depth -= 1;
    if (depth === 0 && token.kind === 'operator' && token.operator !== 'AND') conjunction = false;
    if (depth === 0 && token.kind === 'space') finish();
    else run.push(token);
  }
  finish();
  return { terms, conjunction };
}

const NAMES: Readonly<Record<'level' | 'service', readonly string[]>> = {
  level: ['level', 'severity'],
  service: ['service'],
};

function isOf(term: Term, field: 'level' | 'service'): boolean {
  const [first] = term.tokens;
  return first?.kind === 'field' && NAMES[field].includes(first.name.toLowerCase());
}

/**
 * What a search narrows a field to, when it says so plainly: `level:warn,error` gives both. `comparison` is set for
 * `level>=warn`. Null when the search does not narrow it, or not in a way that can be told by single words.
 */
export function valuesOf(
  query: string,
  field: 'level' | 'service',
): { readonly values: readonly string[]; readonly comparison: string | null } | null {
  const { terms, conjunction } = termsOf(query);
  const own = terms.filter((term) => isOf(term, field));
  const [term] = own;
  if (!conjunction || own.length !== 1 || !term) return null;
  const values = term.tokens.flatMap((token) =>
    token.kind === 'value' && token.pattern.length === 1 ? [token.pattern[0]] : [],
  );
  const comparison = term.tokens.find((token) => token.kind === 'comparison');
  return { values, comparison: comparison?.kind === 'comparison' ? comparison.comparison : null };
}

/** The search narrowed to these values of a field, whatever it said of it before; with none of them: not narrowed. */
export function withValues(query: string, field: 'level' | 'service', values: readonly string[]): string {
  const { terms, conjunction } = termsOf(query);
  const text = values.length === 0 ? '' : `${field}:${values.map(printValue).join(',')}`;
  if (!conjunction) return addTerm(query, text);
  const kept = terms.filter((term) => !isOf(term, field)).map((term) => term.text);
  return [...kept, text].filter(Boolean).join(' ');
}

/** The search with a further term that has to hold too; as it was when it has that term already. */
export function addTerm(query: string, term: string): string {
  const { terms, conjunction } = termsOf(query);
  if (term === '' || (conjunction && terms.some((one) => one.text === term))) return query.trim();
  const before = query.trim();
  if (before === '') return term;
  return conjunction ? `${before} ${term}` : `(${before}) ${term}`;
}

/** Whether a term has to hold as the search stands. */
export function hasTerm(query: string, term: string): boolean {
  const { terms, conjunction } = termsOf(query);
  return conjunction && terms.some((one) => one.text === term);
}

/** The search with a term, or without it where it has it; the term takes the place of its opposite. */
export function toggleTerm(query: string, term: string): string {
  if (!hasTerm(query, term)) return filterBy(query, term, false);
  const kept = termsOf(query).terms.filter((one) => one.text !== term);
  return kept.map((one) => one.text).join(' ');
}

/** The search with a term, which takes the place of its opposite; `exclude` for lines that do not match it. */
export function filterBy(query: string, term: string, exclude: boolean): string {
  const { terms, conjunction } = termsOf(query);
  const opposite = exclude ? term : `-${term}`;
  const wanted = exclude ? `-${term}` : term;
  if (!conjunction) return addTerm(query, wanted);
  const kept = terms.filter((one) => one.text !== opposite).map((one) => one.text);
  return addTerm(kept.join(' '), wanted);
}

/** `@user.id:42`, with quotes where they are needed. */
export function attributeTerm(key: string, value: string): string {
  const name = /^[^\s():<>=",]+$/.test(key) ? `@${key}` : `@${quote(key)}`;
  return `${name}:${printValue(value)}`;
}

/** `service:orders` */
export function fieldTerm(field: string, value: string): string {
  return `${field}:${printValue(value)}`;
}

const printValue = (value: string): string => (value === '' ? '""' : printPiece(value));
