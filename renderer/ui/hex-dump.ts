/** Sixteen bytes a line: offset, pairs, and what of it is ASCII. */
export function hexDump(bytes: ArrayLike<number>): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = Array.from({ length: Math.min(16, bytes.length - at) }, (_, index) => bytes[at + index] ?? 0);
    const pairs = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${pairs.padEnd(47)}  ${ascii}`);
  }
  return lines.join('\n');
}
