const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/** The words of an inline command, as a person types it in telnet; null when its quotes do not close. */
export function splitInline(line: string): string[] | null {
  const words: string[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|'((?:[^'\\]|\\.)*)'(?=\s|$)|([^\s"']\S*))\s*/y;
  let at = line.length - line.trimStart().length;
  while (at < line.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (!match) return null;
    const [, double, single, plain] = match;
    if (double !== undefined) words.push(unescapeDouble(double));
    else words.push(single?.replaceAll("\\'", "'") ?? plain ?? '');
    at = pattern.lastIndex;
  }
  return words;
}

function unescapeDouble(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
