import type { DecodedBytes } from '../../contract/index.ts';

/** Text is shown up to here; JSON is laid out only where the whole of it is below the second bound. */
const MAX_TEXT_BYTES = 64 * 1024;
const MAX_JSON_BYTES = 256 * 1024;
const MAX_HEX_BYTES = 4 * 1024;

/** Control characters other than tab, line feed and carriage return: what has them is binary, even if it is valid UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BINARY = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** The text of `bytes` if they are UTF-8 that a person can read, else null. A character cut at the end is left out. */
export function readableText(bytes: Buffer, cutAtEnd = false): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cutAtEnd });
    return BINARY.test(text) ? null : text;
  } catch {
    return null;
  }
}

/**
 * Lays out JSON without reading its numbers: an identifier of 19 digits stays as it was sent, which it would not as a
 * JavaScript number. @param json valid JSON.
 */
export function layOutJson(json: string): string {
  let out = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charAt(at);
    if (character === '"') {
      const start = at;
      for (at += 1; json.charAt(at) !== '"'; at += 1) if (json.charAt(at) === '\\') at += 1;
      out += json.slice(start, at + 1);
    } else if (character === '{' || character === '[') {
      const rest = /^\s*[}\]]/.exec(json.slice(at + 1, at + 64));
      if (rest !== null) {
        out += `${character}${json.charAt(at + rest[0].length)}`;
        at += rest[0].length;
      } else {
        depth += 1;
        out += `${character}${line()}`;
      }
    } else if (character === '}' || character === ']') {
      depth -= 1;
      out += `${line()}${character}`;
    } else if (character === ',') {
      out += `,${line()}`;
    } else if (character === ':') {
      out += ': ';
    } else if (!/\s/.test(character)) {
      out += character;
    }
  }
  return out;
}

function asJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
    return layOutJson(text);
  } catch {
    return null;
  }
}

const hex = (bytes: Buffer): string => bytes.toString('hex').replace(/(..)(?=.)/g, '$1 ');

/** Bytes for a person: JSON laid out, text, or hexadecimal pairs for what is neither. */
export function decodeBytes(bytes: Buffer | null): DecodedBytes {
  if (bytes === null) return { format: 'null', text: '', bytes: 0, truncated: false };
  const size = bytes.length;
  if (size <= MAX_JSON_BYTES) {
    const whole = readableText(bytes);
    const json = whole === null ? null : asJson(whole);
    if (json !== null) {
      const truncated = json.length > MAX_TEXT_BYTES;
      return { format: 'json', text: truncated ? json.slice(0, MAX_TEXT_BYTES) : json, bytes: size, truncated };
    }
  }
  const truncated = size > MAX_TEXT_BYTES;
  const text = readableText(truncated ? bytes.subarray(0, MAX_TEXT_BYTES) : bytes, truncated);
  if (text !== null) return { format: 'text', text, bytes: size, truncated };
  return { format: 'hex', text: hex(bytes.subarray(0, MAX_HEX_BYTES)), bytes: size, truncated: size > MAX_HEX_BYTES };
}

/** A header's value as one line: its text, or hexadecimal pairs. */
export function headerText(value: Buffer | null): string {
  if (value === null) return '';
  const shown = value.subarray(0, MAX_HEX_BYTES);
  return readableText(shown, value.length > MAX_HEX_BYTES) ?? hex(shown);
}
