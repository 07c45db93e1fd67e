/** A header field as it was sent. */
export type Field = readonly [name: string, value: string];

const FIELDS = /^(?:[^\s:][^\r\n:]*:[^\r\n]*\r\n)*$/;

/** The head of an HTTP/1 message. Its fields are cut out only when somebody asks for them. */
export class Head {
  readonly firstLine: string;
  /** The field lines, each with its line end. */
  readonly #lines: string;
  #fields: readonly Field[] | null;

  constructor(firstLine: string, lines: string, fields: readonly Field[] | null = null) {
    this.firstLine = firstLine;
    this.#lines = lines;
    this.#fields = fields;
  }

  get fields(): readonly Field[] {
    this.#fields ??= this.#lines
      .split('\r\n')
      .slice(0, -1)
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      });
    return this.#fields;
  }

  /** What says where the body ends: Content-Length and Transfer-Encoding, found without cutting out the fields. */
  framing(): Field[] {
    return [...this.#lines.matchAll(/^(content-length|transfer-encoding):([^\r\n]*)/gim)].map(
      ([, name = '', value = '']) => [name.toLowerCase(), value.trim()],
    );
  }
}

/** Reads a head that ends with an empty line (RFC 9112); null when it is none. */
export function parseHead(bytes: Buffer): Head | null {
  const text = bytes.toString('latin1', 0, bytes.length - 2);
  const end = text.indexOf('\r\n');
  const lines = text.slice(end + 2);
  return FIELDS.test(lines) ? new Head(text.slice(0, end), lines) : null;
}

/** The value of a header; several of the name are joined with commas. */
export function headerOf(head: Head, name: string): string | undefined {
  let found: string | undefined;
  for (const [key, value] of head.fields) {
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    found = found === undefined ? value : `${found}, ${value}`;
  }
  return found;
}

/** The head with headers set (in the place of the first of the name) or removed (null). */
export function withHeaders(head: Head, changes: readonly { name: string; value: string | null }[]): Head {
  let fields = [...head.fields];
  for (const { name, value } of changes) {
    const isIt = ([key]: Field): boolean => key.toLowerCase() === name.toLowerCase();
    const at = fields.findIndex(isIt);
    fields = fields.filter((field) => !isIt(field));
    if (value !== null) fields.splice(at < 0 ? fields.length : at, 0, [name, value]);
  }
  return new Head(head.firstLine, '', fields);
}

export const formatHead = ({ firstLine, fields }: Pick<Head, 'firstLine' | 'fields'>): Buffer =>
  Buffer.from(`${firstLine}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');
