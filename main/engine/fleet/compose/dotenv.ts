import { readFile } from 'node:fs/promises';
import { InterpolationError, interpolate, type Lookup } from './interpolate.ts';
import { invalid, type Place } from './place.ts';

export interface DotenvEntry {
  readonly name: string;
  /** Null: the name stands alone, its value is that of the environment. */
  readonly value: string | null;
}

const LINE = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:(=)[ \t]*|$)/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$$' };

class DotenvReader {
  readonly #lines: string[];
  readonly #file: string;
  readonly #lookup: Lookup;
  readonly #entries = new Map<string, DotenvEntry>();
  #at = 0;

  constructor(text: string, file: string, lookup: Lookup) {
    this.#lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
    this.#file = file;
    this.#lookup = lookup;
  }

  read(): DotenvEntry[] {
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at] ?? '';
      if (/^\s*(#|$)/.test(line)) continue;
      const match = LINE.exec(line);
      const name = match?.[1];
      if (!match || name === undefined) throw invalid(this.#place(0), 'this line sets no variable', 'NAME=value');
      const value = match[2] === undefined ? null : this.#value(line, match[0].length);
      this.#entries.set(name, { name, value });
    }
    return [...this.#entries.values()];
  }

  #place(column: number): Place {
    return { file: this.#file, line: this.#at + 1, column: column + 1 };
  }

  #value(line: string, from: number): string {
    const quote = line.charAt(from);
    if (quote !== '"' && quote !== "'") {
      const raw = line
        .slice(from)
        .replace(/(^|\s)#.*$/, '')
        .trimEnd();
      return this.#fill(raw, this.#place(from));
    }
    const place = this.#place(from);
    const quoted = this.#quoted(quote, from + 1, place);
    if (quote === "'") return quoted;
    return this.#fill(
      quoted.replace(/\\([nrt"\\$])/g, (_, letter: string) => ESCAPES[letter] ?? letter),
      place,
    );
  }

  /** The text up to the closing quote, which may stand some lines further down. */
  #quoted(quote: string, from: number, place: Place): string {
    let text = '';
    let line = this.#lines[this.#at] ?? '';
    let at = from;
    for (;;) {
      while (at < line.length && line.charAt(at) !== quote) {
        const length = quote === '"' && line.charAt(at) === '\\' ? 2 : 1;
        text += line.slice(at, at + length);
        at += length;
      }
      if (at < line.length) break;
      this.#at += 1;
      const next = this.#lines[this.#at];
      if (next === undefined) throw invalid(place, `the quote ${quote} is not closed`, `a closing ${quote}`);
      text += '\n';
      line = next;
      at = 0;
    }
    const rest = line.slice(at + 1);
    if (!/^\s*(#.*)?$/.test(rest)) {
      throw invalid(this.#place(at + 1), 'something follows the closing quote', 'the end of the line');
    }
    return text;
  }

  #fill(text: string, place: Place): string {
    const lookup: Lookup = (name) => this.#lookup(name) ?? this.#entries.get(name)?.value ?? undefined;
    try {
      return interpolate(text, lookup).text;
    } catch (error) {
      if (!(error instanceof InterpolationError)) throw error;
      const detail = error.variable === null ? error.message : `the variable ${error.variable} ${error.message}`;
      throw invalid(place, detail, error.expected);
    }
  }
}

/**
 * The variables of a `.env` file's text, each name once with its last value: `NAME=value`, `export`, comments, single
 * quotes (literal), double quotes (escapes, variables, several lines). Throws FLEET_FILE_INVALID.
 */
export function parseDotenv(text: string, file: string, lookup: Lookup): DotenvEntry[] {
  return new DotenvReader(text, file, lookup).read();
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw invalid(
      { file, line: 1, column: 1 },
      `the file cannot be read (${error.code ?? error.message})`,
      'a text file',
    );
  });
}

/** `parseDotenv` of a file; null when there is none. */
export async function readDotenv(file: string, lookup: Lookup): Promise<DotenvEntry[] | null> {
  const text = await readIfThere(file);
  return text === null ? null : parseDotenv(text, file, lookup);
}

/** The variables of a file with `format: raw`, each value as it stands; null when there is no such file. */
export async function readRawEnvFile(file: string): Promise<DotenvEntry[] | null> {
  const text = await readIfThere(file);
  if (text === null) return null;
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const match = /^([^=\s][^=]*)(?:=(.*))?$/.exec(line);
    if (match?.[1] !== undefined) return [{ name: match[1].trim(), value: match[2] ?? null }];
    throw invalid({ file, line: index + 1, column: 1 }, 'this line sets no variable', 'NAME=value');
  });
}
