import type { SqlParameter } from '../../store/connection.ts';

/** The parameters of one statement, collected while it is written. Text of a user only ever gets into a statement here. */
export class Parameters {
  readonly values: SqlParameter[] = [];

  /** Adds a value and gives what stands for it in the statement: `$3`. */
  bind(value: SqlParameter): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** A LIKE pattern for literal pieces with anything between them; its escape character is the backslash. */
export function likePattern(pieces: readonly string[]): string {
  return pieces.map((piece) => piece.replace(/[\\%_]/g, '\\$&')).join('%');
}

/** JSON's spelling of a text inside a string, without the quotes around it. */
export function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** RFC 6901 pointer to a key of the outermost object. */
export function jsonPointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
