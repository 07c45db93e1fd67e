export type TokenKind = 'plain' | 'key' | 'text' | 'value' | 'variable' | 'comment';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** In this order: text in quotes (a key where a colon follows), a variable, a comment, a key, a number or a word of its own. */
const PARTS =
  /("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(\s*:(?=\s|$))?|(\$\{[^}]*\})|((?:^|(?<=\s))#.*$)|((?<![\w$./-])[A-Za-z_][\w.-]*(?=:(?:\s|$)))|((?<![\w.:/-])(?:true|false|null|-?\d+(?:\.\d+)?)(?![\w.:/-]))/g;

function kindOf([, quoted, colon, variable, comment, key]: RegExpMatchArray): TokenKind {
  if (quoted !== undefined) return colon === undefined ? 'text' : 'key';
  if (variable !== undefined) return 'variable';
  if (comment !== undefined) return 'comment';
  return key === undefined ? 'value' : 'key';
}

/** The parts of a line of YAML or JSON, for their colours: their texts together are the line. A guess by the line alone. */
export function highlightLine(line: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of line.matchAll(PARTS)) {
    if (match.index > at) tokens.push({ kind: 'plain', text: line.slice(at, match.index) });
    tokens.push({ kind: kindOf(match), text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < line.length) tokens.push({ kind: 'plain', text: line.slice(at) });
  return tokens;
}
