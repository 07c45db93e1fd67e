import { FlotillaError } from '../../../contract/index.ts';

/** Where something stands in a file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The error for a fleet file that says something it cannot: `detail` is a clause without a full stop. */
export function invalid(place: Place, detail: string, expected: string): FlotillaError {
  const { file, line, column } = place;
  return new FlotillaError('FLEET_FILE_INVALID', { file, line, column, detail, expected });
}

/** `a, b and c`: how a list of names is written in a message. */
export function sentence(names: readonly string[], conjunction = 'and'): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} ${conjunction} ${names.at(-1)}`;
}
