import type { FleetWarning, RuntimeKind } from '../../../contract/index.ts';
import type { Place } from './place.ts';

const MOST = 500;

/** Collects what is not done as written, once per place: an anchor that ten services share warns once. */
export class Warnings {
  readonly #seen = new Set<string>();
  readonly #all: FleetWarning[] = [];

  add(place: Place, path: string, message: string): void {
    const key = `${place.file}:${place.line}:${place.column}:${message}`;
    if (this.#seen.has(key) || this.#all.length >= MOST) return;
    this.#seen.add(key);
    this.#all.push({ file: place.file, line: place.line, column: place.column, path, message });
  }

  /** In the order of the file. */
  list(): FleetWarning[] {
    return this.#all.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
  }
}

/** What a reader of keys needs: where to warn, and of which runtime. */
export interface Told {
  readonly warnings: Warnings;
  readonly runtime: RuntimeKind;
}
