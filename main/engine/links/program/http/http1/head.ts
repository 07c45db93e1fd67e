/** The head of an HTTP/1 message: its first line and its header fields as they were sent. */
export interface Head {
  readonly firstLine: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Reads a head that ends with an empty line (RFC 9112); null when it is none. */
export function parseHead(bytes: Buffer): Head | null {
  const lines = bytes.toString('latin1', 0, bytes.length - 4).split('\r\n');
  const firstLine = lines.shift() ?? '';
  const fields: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0 || line[0] === ' ' || line[0] === '\t') return null;
    fields.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return { firstLine, fields };
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
    const isIt = ([key]: readonly [string, string]): boolean => key.toLowerCase() === name.toLowerCase();
    const at = fields.findIndex(isIt);
    fields = fields.filter((field) => !isIt(field));
    if (value !== null) fields.splice(at < 0 ? fields.length : at, 0, [name, value]);
  }
  return { firstLine: head.firstLine, fields };
}

export const formatHead = ({ firstLine, fields }: Head): Buffer =>
  Buffer.from(`${firstLine}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');
