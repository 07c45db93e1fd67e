/** One character, or as many as one likes: of any kind, or without a slash. */
type Part = { readonly kind: 'literal'; readonly char: string } | { readonly kind: 'one' | 'segment' | 'any' };

function partsOf(glob: string): Part[] {
  return glob.split(/(\*\*|\*|\?)/).flatMap((text): Part[] => {
    if (text === '**') return [{ kind: 'any' }];
    if (text === '*') return [{ kind: 'segment' }];
    if (text === '?') return [{ kind: 'one' }];
    return Array.from({ length: text.length }, (_, at) => ({ kind: 'literal', char: text.charAt(at) }));
  });
}

const takes = (part: Part, char: string): boolean =>
  part.kind === 'literal' ? part.char === char : part.kind === 'any' || char !== '/';

const isMany = (part: Part | undefined): boolean => part?.kind === 'segment' || part?.kind === 'any';

/** Marks a place, and those behind it that need no character. */
function reach(places: Uint8Array, parts: readonly Part[], from: number): void {
  let at = from;
  places[at] = 1;
  while (isMany(parts[at])) {
    at += 1;
    places[at] = 1;
  }
}

/**
 * Whether a path is meant by a pattern: `*` any characters but `/`, `**` any characters, `?` one character but `/`. All places in
 * the pattern that the path may have come to are followed at once, so that no pattern makes it go back and try again.
 */
export function pathGlob(glob: string): (path: string) => boolean {
  const parts = partsOf(glob);
  return (path) => {
    let places = new Uint8Array(parts.length + 1);
    reach(places, parts, 0);
    let next = new Uint8Array(parts.length + 1);
    for (let index = 0; index < path.length; index += 1) {
      const char = path.charAt(index);
      let isLost = true;
      for (const [at, part] of parts.entries()) {
        if (places[at] === 0 || !takes(part, char)) continue;
        reach(next, parts, isMany(part) ? at : at + 1);
        isLost = false;
      }
      if (isLost) return false;
      [places, next] = [next, places.fill(0)];
    }
    return places[parts.length] === 1;
  };
}
