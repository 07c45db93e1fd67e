import type { SearchNode } from './ast.ts';
import { parseTerm, type TermTokens } from './parse-term.ts';
import { syntaxError } from './syntax-error.ts';
import { type SearchToken, tokenize } from './tokenize.ts';

/** Bounds of one search, so that no input makes a statement that the store cannot hold. */
export const searchLimits = { terms: 100, depth: 50 } as const;

class Parser {
  readonly #tokens: readonly SearchToken[];
  readonly #reader: TermTokens;
  #at = 0;
  #terms = 0;
  #depth = 0;

  constructor(tokens: readonly SearchToken[]) {
    this.#tokens = tokens;
    this.#reader = {
      peek: () => this.#tokens[this.#at],
      next: () => this.#tokens[this.#at++],
    };
  }

  parse(): SearchNode {
    this.#skipSpace();
    if (this.#peek() === undefined) return { kind: 'all' };
    const node = this.#or();
    const rest = this.#peek();
    if (rest !== undefined) {
      throw syntaxError(rest, 'this parenthesis closes nothing', 'Remove it, or open one before it.');
    }
    return node;
  }

  #or(): SearchNode {
    const nodes = [this.#and()];
    while (this.#takeOperator('OR')) nodes.push(this.#and());
    return joined('or', nodes);
  }

  #and(): SearchNode {
    const nodes = [this.#not()];
    for (;;) {
      const explicit = this.#takeOperator('AND');
      const token = this.#peek();
      const ends =
        token === undefined || token.kind === 'close' || (token.kind === 'operator' && token.operator === 'OR');
      if (ends && !explicit) return joined('and', nodes);
      nodes.push(this.#not());
    }
  }

  #not(): SearchNode {
    const token = this.#peek();
    const negates = token?.kind === 'negation' || (token?.kind === 'operator' && token.operator === 'NOT');
    if (token === undefined || !negates) return this.#primary();
    this.#at += 1;
    const next = this.#tokens[this.#at];
    if (token.kind === 'negation' && (next === undefined || next.kind === 'space' || next.kind === 'close')) {
      throw syntaxError(token, 'a minus has to stand before what it excludes', 'Put "-" in quotes to search for it.');
    }
    this.#skipSpace();
    return this.#nested(token, () => ({ kind: 'not', node: this.#not() }));
  }

  #primary(): SearchNode {
    const token = this.#peek();
    if (token === undefined) throw this.#missing();
    if (token.kind === 'open') return this.#nested(token, () => this.#group(token));
    if (token.kind === 'close' || token.kind === 'operator') throw this.#missing(token);
    this.#terms += 1;
    if (this.#terms > searchLimits.terms) {
      throw syntaxError(token, `a search has at most ${searchLimits.terms} terms`, 'Shorten it.');
    }
    const node = parseTerm(this.#reader);
    this.#skipSpace();
    return node;
  }

  #group(open: SearchToken): SearchNode {
    this.#at += 1;
    this.#skipSpace();
    if (this.#peek()?.kind === 'close') {
      throw syntaxError(open, 'there is nothing between the parentheses', 'Put text with parentheses in quotes.');
    }
    const node = this.#or();
    if (this.#peek()?.kind !== 'close') {
      throw syntaxError(open, 'this parenthesis is never closed', 'Add ")" where the group ends.');
    }
    this.#at += 1;
    this.#skipSpace();
    return node;
  }

  #nested(token: SearchToken, read: () => SearchNode): SearchNode {
    this.#depth += 1;
    if (this.#depth > searchLimits.depth) {
      throw syntaxError(token, `a search nests at most ${searchLimits.depth} deep`, 'Remove some parentheses.');
    }
    const node = read();
    this.#depth -= 1;
    return node;
  }

  /** A term is missing: at `found`, or at the end, where the last word before it is what to look at. */
  #missing(found?: SearchToken): Error {
    const last = this.#tokens.findLast((token) => token.kind !== 'space');
    const place = found ?? last ?? { start: 0, text: '' };
    const word = place.text;
    const lower = word.toLowerCase();
    const hint = /^[A-Z]+$/.test(word)
      ? `Write what it combines on both sides, or "${lower}" in lower case to search for the word.`
      : 'Write a word, or field:value.';
    return syntaxError(place, found === undefined ? 'something is missing after it' : 'a term is missing here', hint);
  }

  #takeOperator(operator: 'AND' | 'OR'): boolean {
    const token = this.#peek();
    if (token?.kind !== 'operator' || token.operator !== operator) return false;
    this.#at += 1;
    this.#skipSpace();
    return true;
  }

  #peek(): SearchToken | undefined {
    return this.#tokens[this.#at];
  }

  #skipSpace(): void {
    while (this.#peek()?.kind === 'space') this.#at += 1;
  }
}

/** Groups of the same kind are one: `(a b) c` is `a b c`. */
function joined(kind: 'and' | 'or', nodes: readonly SearchNode[]): SearchNode {
  const flat = nodes.flatMap((node) => (node.kind === kind ? node.nodes : [node]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { kind, nodes: flat };
}

/**
 * Parses a search. The language is described in docs/search.md.
 * @throws FlotillaError QUERY_SYNTAX with `position` (from 1, UTF-16 units), `word`, `detail` and `hint`.
 */
export function parseSearch(text: string): SearchNode {
  return new Parser(tokenize(text)).parse();
}
