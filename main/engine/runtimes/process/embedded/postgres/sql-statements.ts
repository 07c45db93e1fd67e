/** One statement of a script, or one command of psql's own (`\connect shop`). */
export interface SqlStatement {
  readonly text: string;
  /** Where it starts, from 1. */
  readonly line: number;
  readonly kind: 'sql' | 'meta';
}

const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;

/** Where what starts at an offset ends: a quoted text, a comment, a word, or a single character. */
class Scanner {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Ends of a quoted text, a doubled quote being part of it; escapes are those of `E'...'`. */
  quoted(at: number, quote: string, hasEscapes: boolean): number {
    let here = at + 1;
    while (here < this.text.length) {
      const char = this.text.charAt(here);
      if (hasEscapes && char === '\\') here += 2;
      else if (char !== quote) here += 1;
      else if (this.text.charAt(here + 1) === quote) here += 2;
      else return here + 1;
    }
    return this.text.length;
  }

  lineComment(at: number): number {
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.text.length : end;
  }

  /** Comments of this kind nest in PostgreSQL. */
  blockComment(at: number): number {
    let depth = 0;
    let here = at;
    while (here < this.text.length) {
      const two = this.text.slice(here, here + 2);
      if (two === '/*') depth += 1;
      else if (two === '*/') depth -= 1;
      here += two === '/*' || two === '*/' ? 2 : 1;
      if (depth === 0) return here;
    }
    return this.text.length;
  }

  dollarQuoted(at: number): number | null {
    DOLLAR_TAG.lastIndex = at;
    const tag = DOLLAR_TAG.exec(this.text)?.[0];
    if (tag === undefined) return null;
    const end = this.text.indexOf(tag, at + tag.length);
    return end < 0 ? this.text.length : end + tag.length;
  }

  word(at: number): string | null {
    WORD.lastIndex = at;
    return WORD.exec(this.text)?.[0] ?? null;
  }
}

/** Bodies of functions in SQL's own form (`BEGIN ATOMIC ... END`) hold semicolons that end nothing; as psql tells them. */
class BodyDepth {
  #first: string[] = [];
  depth = 0;

  word(word: string): void {
    const lower = word.toLowerCase();
    if (this.#first.length < 4) this.#first.push(lower);
    const [one, two, three, four] = this.#first;
    const made = one === 'create' && (two === 'or' && three === 'replace' ? four : two);
    if (made !== 'function' && made !== 'procedure') return;
    if (lower === 'begin' || (lower === 'case' && this.depth > 0)) this.depth += 1;
    else if (lower === 'end' && this.depth > 0) this.depth -= 1;
  }

  reset(): void {
    this.#first = [];
    this.depth = 0;
  }
}

/**
 * Splits a script into its statements, as psql does: at semicolons outside of quotes, comments, parentheses and function
 * bodies, with psql's own backslash commands as statements of their own. Needed because some statements (CREATE DATABASE)
 * are refused when several are sent at once.
 */
export function splitSql(script: string): SqlStatement[] {
  const text = script.replace(/^\uFEFF/, '');
  const scanner = new Scanner(text);
  const body = new BodyDepth();
  const statements: SqlStatement[] = [];
  let start = -1;
  let parentheses = 0;
  let at = 0;
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const finish = (end: number) => {
    if (start >= 0) statements.push({ text: text.slice(start, end).trim(), line: lineAt(start), kind: 'sql' });
    start = -1;
    parentheses = 0;
    body.reset();
  };
  while (at < text.length) {
    const char = text.charAt(at);
    const two = text.slice(at, at + 2);
    if (two === '--') at = scanner.lineComment(at);
    else if (two === '/*') at = scanner.blockComment(at);
    else if (/\s/.test(char)) at += 1;
    else if (char === ';' && parentheses === 0 && body.depth === 0) {
      finish(at);
      at += 1;
    } else if (char === '\\') {
      const end = scanner.lineComment(at);
      finish(at);
      statements.push({ text: text.slice(at, end).trim(), line: lineAt(at), kind: 'meta' });
      at = end;
    } else {
      if (start < 0) start = at;
      const word = scanner.word(at);
      if (char === "'") at = scanner.quoted(at, "'", false);
      else if (char === '"') at = scanner.quoted(at, '"', false);
      else if (/^e'/i.test(two)) at = scanner.quoted(at + 1, "'", true);
      else if (word !== null) {
        body.word(word);
        at += word.length;
      } else {
        if (char === '(') parentheses += 1;
        else if (char === ')') parentheses = Math.max(0, parentheses - 1);
        at = (char === '$' ? scanner.dollarQuoted(at) : null) ?? at + 1;
      }
    }
  }
  finish(text.length);
  return statements;
}
