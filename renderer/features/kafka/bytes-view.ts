import type { DecodedBytes } from '../../../main/contract/index.ts';
import { hexDump } from '../../ui/hex-dump.ts';

export const BYTE_FORMATS = { json: 'JSON', line: 'One line', text: 'Text', hex: 'Hex' } as const;
export type ByteFormat = keyof typeof BYTE_FORMATS;

/** The ways to look at bytes, the best first. */
export function formatsOf({ format }: DecodedBytes): readonly ByteFormat[] {
  if (format === 'json') return ['json', 'line'];
  if (format === 'text') return ['text', 'hex'];
  return format === 'hex' ? ['hex', 'text'] : [];
}

/** Decoded bytes as text of a format. What was cut stays cut. */
export function showBytes(decoded: DecodedBytes, format: ByteFormat): string {
  if (format === 'line') return oneLine(decoded);
  if (format === 'hex') {
    const bytes = decoded.format === 'hex' ? parseHex(decoded.text) : new TextEncoder().encode(decoded.text);
    return hexDump(bytes);
  }
  if (format === 'text' && decoded.format === 'hex') {
    return new TextDecoder().decode(Uint8Array.from(parseHex(decoded.text)));
  }
  return decoded.text;
}

/** For a list: JSON without its line breaks, text up to its end, bytes as pairs. */
export function oneLine({ format, text }: DecodedBytes): string {
  const short = text.slice(0, 2000);
  return format === 'json' ? short.replace(/\n\s*/g, ' ') : short.replace(/\s+/g, ' ');
}

const parseHex = (text: string): number[] =>
  text
    .split(/\s+/)
    .filter(Boolean)
    .map((pair) => Number.parseInt(pair, 16));
