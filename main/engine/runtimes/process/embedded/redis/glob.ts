/**
 * Redis's glob patterns: `*`, `?`, `[abc]`, `[^a-z]`, and a backslash before what is meant literally. Matches without
 * backtracking over more than the last star, so that no pattern takes longer than its length times the text's.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const tokens = tokenize(pattern);
  return (text) => matches(tokens, text);
}

type Token = '*' | ((char: string) => boolean);

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < pattern.length) {
    const char = pattern.charAt(at);
    if (char === '*') {
      if (tokens.at(-1) !== '*') tokens.push('*');
      at += 1;
    } else if (char === '?') {
      tokens.push(() => true);
      at += 1;
    } else if (char === '[') {
      const { test, next } = readClass(pattern, at + 1);
      tokens.push(test);
      at = next;
    } else {
      const isEscape = char === '\\' && at + 1 < pattern.length;
      const literal = isEscape ? pattern.charAt(at + 1) : char;
      tokens.push((other) => other === literal);
      at += isEscape ? 2 : 1;
    }
  }
  return tokens;
}

function readClass(pattern: string, start: number): { test: (char: string) => boolean; next: number } {
  const ranges: [string, string][] = [];
  let at = start;
  const negated = pattern.charAt(at) === '^';
  if (negated) at += 1;
  while (at < pattern.length && pattern.charAt(at) !== ']') {
    if (pattern.charAt(at) === '\\' && at + 1 < pattern.length) at += 1;
    const from = pattern.charAt(at);
    if (pattern.charAt(at + 1) === '-' && at + 2 < pattern.length && pattern.charAt(at + 2) !== ']') {
      const to = pattern.charAt(at + 2);
      ranges.push(from < to ? [from, to] : [to, from]);
      at += 3;
    } else {
      ranges.push([from, from]);
      at += 1;
    }
  }
  const within = (char: string) => ranges.some(([from, to]) => char >= from && char <= to);
  return { test: (char) => within(char) !== negated, next: at + 1 };
}

function matches(tokens: readonly Token[], text: string): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const current = tokens[token];
    if (current === '*') {
      star = token;
      starAt = at;
      token += 1;
    } else if (current?.(text.charAt(at))) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      token = star + 1;
      starAt += 1;
      at = starAt;
    } else {
      return false;
    }
  }
  while (tokens[token] === '*') token += 1;
  return token === tokens.length;
}
