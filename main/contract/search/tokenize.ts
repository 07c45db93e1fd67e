import type { Comparison, Pattern } from './ast.ts';
import { findField } from './fields.ts';

interface Place {
  /** Offsets in the text, in UTF-16 units; end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A word, phrase or value: what it stands for, whether part of it was quoted, and whether its last quote is open. */
interface Literal {
  readonly pattern: Pattern;
  readonly quoted: boolean;
  readonly open: boolean;
}

/**
 * One piece of a search, for highlighting and for the parser. The tokens cover the text without gaps, whatever it is.
 * `field`: a name before a colon or a comparison (known or not). `attribute`: `@` and a key.
 */
export type SearchToken =
  | (Place & { readonly kind: 'space' | 'open' | 'close' | 'negation' | 'comma' | 'colon' })
  | (Place & { readonly kind: 'operator'; readonly operator: 'AND' | 'OR' | 'NOT' })
  | (Place & { readonly kind: 'comparison'; readonly comparison: Comparison | '=' })
  | (Place & { readonly kind: 'field'; readonly name: string })
  | (Place & { readonly kind: 'attribute'; readonly key: string; readonly open: boolean })
  | (Place & Literal & { readonly kind: 'text' })
  | (Place & Literal & { readonly kind: 'value' });

const endOfWord = /[\s()]/;
const fieldAhead = /([A-Za-z_][\w.-]*)(?=:(?!\/\/)|[<>])/y;
const knownFieldWithEquals = /([A-Za-z_][\w.-]*)(?==)/y;
const comparisonAhead = />=|<=|>|<|=/y;
const operatorAhead = /(AND|OR|NOT)(?=[\s()]|$)/y;
const bareKeyAhead = /[^\s():<>=",]*/y;

class Scanner {
  readonly tokens: SearchToken[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): SearchToken[] {
    while (this.#at < this.#text.length) this.#next();
    return this.tokens;
  }

  #next(): void {
    if (this.#simple()) return;
    if (this.#text[this.#at] === '@') {
      this.#attribute();
      this.#relation();
      return;
    }
    const name = this.#match(fieldAhead) ?? this.#fieldWithEquals();
    if (name === undefined) {
      this.#literal('text');
      return;
    }
    this.#push({ kind: 'field', name, ...this.#take(name.length) });
    this.#relation();
  }

  /** Space, a parenthesis, a negation or an operator. */
  #simple(): boolean {
    const space = this.#match(/\s+/y);
    const operator = this.#match(operatorAhead);
    const char = this.#text[this.#at] ?? '';
    if (space !== undefined) this.#push({ kind: 'space', ...this.#take(space.length) });
    else if (char === '(') this.#push({ kind: 'open', ...this.#take(1) });
    else if (char === ')') this.#push({ kind: 'close', ...this.#take(1) });
    else if (char === '-') this.#push({ kind: 'negation', ...this.#take(1) });
    else if (operator === 'AND' || operator === 'OR' || operator === 'NOT') {
      this.#push({ kind: 'operator', operator, ...this.#take(operator.length) });
    } else return false;
    return true;
  }

  /** `status=error` is a slip worth a hint, but `user=4` is a word as log lines have it. */
  #fieldWithEquals(): string | undefined {
    const name = this.#match(knownFieldWithEquals);
    return name !== undefined && findField(name) !== undefined ? name : undefined;
  }

  #attribute(): void {
    const start = this.#at;
    this.#at += 1;
    if (this.#text[this.#at] === '"') {
      const quoted = readQuoted(this.#text, this.#at);
      this.#at = quoted.end;
      this.#push({ kind: 'attribute', key: quoted.value, open: quoted.open, ...this.#since(start) });
      return;
    }
    const key = this.#match(bareKeyAhead) ?? '';
    this.#at += key.length;
    this.#push({ kind: 'attribute', key, open: false, ...this.#since(start) });
  }

  /** What follows a field or an attribute: `:a,b`, `:>5`, `>=5`, or nothing. */
  #relation(): void {
    const colon = this.#text[this.#at] === ':';
    if (colon) this.#push({ kind: 'colon', ...this.#take(1) });
    const comparison = this.#match(comparisonAhead);
    if (isComparison(comparison)) this.#push({ kind: 'comparison', comparison, ...this.#take(comparison.length) });
    if (!colon && comparison === undefined) return;
    while (this.#value()) {
      // another value of the list
    }
  }

  #value(): boolean {
    if (!this.#atEndOfWord() && this.#text[this.#at] !== ',') this.#literal('value');
    if (this.#text[this.#at] !== ',') return false;
    this.#push({ kind: 'comma', ...this.#take(1) });
    return true;
  }

  #literal(kind: 'text' | 'value'): void {
    const start = this.#at;
    const parts: [string, ...string[]] = [''];
    const add = (piece: string): void => {
      parts[parts.length - 1] += piece;
    };
    let quoted = false;
    let open = false;
    while (!this.#atEndOfWord()) {
      const char = this.#text[this.#at] ?? '';
      if (kind === 'value' && char === ',') break;
      if (char === '"') {
        const phrase = readQuoted(this.#text, this.#at);
        this.#at = phrase.end;
        quoted = true;
        open = phrase.open;
        add(phrase.value);
        continue;
      }
      this.#at += 1;
      if (char !== '*') add(char);
      else if (!(parts.length > 1 && parts.at(-1) === '')) parts.push('');
    }
    this.#push({ kind, pattern: parts, quoted, open, ...this.#since(start) });
  }

  #atEndOfWord(): boolean {
    const char = this.#text[this.#at];
    return char === undefined || endOfWord.test(char);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #take(length: number): Place {
    const start = this.#at;
    this.#at += length;
    return this.#since(start);
  }

  #since(start: number): Place {
    return { start, end: this.#at, text: this.#text.slice(start, this.#at) };
  }

  #push(token: SearchToken): void {
    this.tokens.push(token);
  }
}

function isComparison(text: string | undefined): text is Comparison | '=' {
  return text !== undefined;
}

/** Reads a quoted phrase; `\"` and `\\` stand for the quote and the backslash, any other backslash for itself. */
function readQuoted(text: string, start: number): { value: string; end: number; open: boolean } {
  let value = '';
  let at = start + 1;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '"') return { value, end: at + 1, open: false };
    const escaped = char === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\');
    value += escaped ? text[at + 1] : char;
    at += escaped ? 2 : 1;
  }
  return { value, end: text.length, open: true };
}

/** Splits a search into tokens that cover it without gaps. Never fails: `parseSearch` says what is wrong. */
export function tokenize(text: string): SearchToken[] {
  return new Scanner(text).run();
}
