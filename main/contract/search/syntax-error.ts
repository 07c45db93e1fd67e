import { FlotillaError } from '../errors.ts';

const longestWord = 60;

/**
 * The error of a search that is not understood. `position` counts characters (UTF-16 units) from 1. `detail` goes into a
 * sentence, `hint` is one.
 */
export function syntaxError(place: { start: number; text: string }, detail: string, hint: string): FlotillaError {
  const word = place.text.length > longestWord ? `${place.text.slice(0, longestWord)}…` : place.text;
  return new FlotillaError('QUERY_SYNTAX', { position: place.start + 1, word, detail, hint });
}
