import { parseSearch, type SearchNode } from '../../../main/contract/search/index.ts';

/** The texts that a search looks for in messages, longest first; none for one that is not understood. */
export function searchedTexts(query: string): readonly string[] {
  let node: SearchNode;
  try {
    node = parseSearch(query);
  } catch {
    return [];
  }
  const found = new Set<string>();
  collect(node, found);
  return [...found].sort((a, b) => b.length - a.length);
}

function collect(node: SearchNode, found: Set<string>): void {
  if (node.kind === 'and' || node.kind === 'or') for (const inner of node.nodes) collect(inner, found);
  const patterns =
    node.kind === 'text' ? [node.pattern] : node.kind === 'field' && node.field === 'message' ? node.anyOf : [];
  for (const pattern of patterns) for (const piece of pattern) if (piece !== '') found.add(piece.toLowerCase());
}

export interface Piece {
  readonly at: number;
  readonly text: string;
  readonly hit: boolean;
}

/** A message in pieces, those that match one of the texts (in lower case) apart. */
export function highlight(message: string, texts: readonly string[]): readonly Piece[] {
  const lower = message.toLowerCase();
  // A few characters change their length in lower case; places would be wrong then.
  if (texts.length === 0 || lower.length !== message.length) return [{ at: 0, text: message, hit: false }];
  const pieces: Piece[] = [];
  let at = 0;
  while (at < message.length) {
    let next = -1;
    let length = 0;
    for (const text of texts) {
      const found = lower.indexOf(text, at);
      if (found >= 0 && (next < 0 || found < next)) {
        next = found;
        length = text.length;
      }
    }
    if (next < 0) break;
    if (next > at) pieces.push({ at, text: message.slice(at, next), hit: false });
    pieces.push({ at: next, text: message.slice(next, next + length), hit: true });
    at = next + length;
  }
  if (at < message.length) pieces.push({ at, text: message.slice(at), hit: false });
  return pieces;
}
