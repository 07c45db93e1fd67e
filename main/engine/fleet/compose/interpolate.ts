/**
 * Compose's variables in values: `$X`, `${X}`, `${X:-default}`, `${X-default}`, `${X:?message}`, `${X?message}`,
 * `${X:+other}`, `${X+other}` and `$$` for a dollar sign. What stands after the operator may hold variables itself.
 * With the colon an empty value counts as not set. Source: the Compose specification, 12-interpolation.
 */
type Part = string | Variable;

interface Variable {
  readonly name: string;
  readonly operator: '' | '-' | '?' | '+';
  /** The operator had a colon before it. */
  readonly emptyIsUnset: boolean;
  readonly word: readonly Part[];
  /** Offset of the `$` in the text. */
  readonly at: number;
}

export interface Interpolated {
  readonly text: string;
  /** Variables that are not set and have no default; Compose takes them as empty. */
  readonly unset: readonly { readonly name: string; readonly at: number }[];
}

export type Lookup = (name: string) => string | undefined;

/** A text whose variables cannot be filled in: `variable` is set when one is required and missing. */
export class InterpolationError extends Error {
  readonly at: number;
  readonly variable: string | null;
  readonly expected: string;

  constructor(at: number, message: string, expected: string, variable: string | null = null) {
    super(message);
    this.name = 'InterpolationError';
    this.at = at;
    this.expected = expected;
    this.variable = variable;
  }
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const MAX_DEPTH = 32;

function readName(text: string, at: number): string | null {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0] ?? null;
}

class Parser {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Up to the end, or inside braces up to the `}` that closes them (which is left for the caller). */
  parts(depth: number): Part[] {
    const parts: Part[] = [];
    let literal = '';
    while (this.at < this.text.length) {
      const char = this.text.charAt(this.at);
      if (depth > 0 && char === '}') break;
      if (char !== '$') {
        literal += char;
        this.at += 1;
      } else if (this.text.charAt(this.at + 1) === '$') {
        literal += '$';
        this.at += 2;
      } else {
        if (literal !== '') parts.push(literal);
        literal = '';
        parts.push(this.variable(depth));
      }
    }
    if (literal !== '') parts.push(literal);
    return parts;
  }

  private variable(depth: number): Variable {
    const start = this.at;
    const braced = this.text.charAt(start + 1) === '{';
    const name = readName(this.text, start + (braced ? 2 : 1));
    if (name === null) {
      throw new InterpolationError(start, 'a dollar sign without a variable', `\${NAME}, or $$ for a dollar sign`);
    }
    this.at = start + (braced ? 2 : 1) + name.length;
    const plain = { name, operator: '', emptyIsUnset: false, word: [], at: start } as const;
    if (!braced) return plain;
    if (this.text.charAt(this.at) === '}') {
      this.at += 1;
      return plain;
    }
    return this.operation(start, name, depth);
  }

  private operation(start: number, name: string, depth: number): Variable {
    const emptyIsUnset = this.text.charAt(this.at) === ':';
    if (emptyIsUnset) this.at += 1;
    const operator = this.text.charAt(this.at);
    if (operator !== '-' && operator !== '?' && operator !== '+') {
      const expected = `\${${name}}, \${${name}:-default} or \${${name}:?message}`;
      throw new InterpolationError(start, `the variable ${name} is written wrongly`, expected);
    }
    if (depth >= MAX_DEPTH) throw new InterpolationError(start, 'variables are nested too deeply', 'fewer levels');
    this.at += 1;
    const word = this.parts(depth + 1);
    if (this.text.charAt(this.at) !== '}') {
      throw new InterpolationError(start, `the brace after \${${name} is not closed`, 'a closing }');
    }
    this.at += 1;
    return { name, operator, emptyIsUnset, word, at: start };
  }
}

function evaluate(parts: readonly Part[], lookup: Lookup, unset: { name: string; at: number }[]): string {
  let text = '';
  for (const part of parts) {
    text += typeof part === 'string' ? part : value(part, lookup, unset);
  }
  return text;
}

function value(variable: Variable, lookup: Lookup, unset: { name: string; at: number }[]): string {
  const found = lookup(variable.name);
  const isSet = found !== undefined && !(variable.emptyIsUnset && found === '');
  switch (variable.operator) {
    case '':
      if (found === undefined) unset.push({ name: variable.name, at: variable.at });
      return found ?? '';
    case '-':
      return isSet ? found : evaluate(variable.word, lookup, unset);
    case '+':
      return isSet ? evaluate(variable.word, lookup, unset) : '';
    case '?': {
      if (isSet) return found;
      const why = evaluate(variable.word, lookup, unset);
      const problem = `${found === undefined ? 'is not set' : 'is empty'}${why === '' ? '' : `: ${why}`}`;
      throw new InterpolationError(variable.at, problem, 'a value', variable.name);
    }
  }
}

/** The text with its variables filled in. Throws InterpolationError, with the offset of the `$` that is to blame. */
export function interpolate(text: string, lookup: Lookup): Interpolated {
  if (!text.includes('$')) return { text, unset: [] };
  const unset: { name: string; at: number }[] = [];
  const parts = new Parser(text).parts(0);
  return { text: evaluate(parts, lookup, unset), unset };
}
