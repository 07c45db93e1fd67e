import { expectMap } from './expect.ts';
import { type KeySection, whyIgnored } from './keys.ts';
import { nearest } from './nearest.ts';
import { invalid, sentence } from './place.ts';
import { type Entry, isNull, type MapTree, type Tree } from './tree.ts';
import type { Told } from './warnings.ts';

/** The keys of a mapping, taken one by one, so that what nobody took can be named. */
export class Fields {
  readonly tree: MapTree;
  readonly #taken = new Set<string>();

  constructor(tree: Tree, expected?: string) {
    this.tree = expectMap(tree, expected);
  }

  /** The value of a key; null when it is absent or has nothing after its colon. */
  take(key: string): Tree | null {
    this.#taken.add(key);
    const value = this.tree.entries.get(key)?.value;
    return value === undefined || isNull(value) ? null : value;
  }

  /** `read` of the value of a key, or `otherwise` when there is none. */
  read<T, D>(key: string, read: (tree: Tree) => T, otherwise: D): T | D {
    const tree = this.take(key);
    return tree === null ? otherwise : read(tree);
  }

  left(): Entry[] {
    return [...this.tree.entries.values()].filter((entry) => !this.#taken.has(entry.key));
  }

  /**
   * Names every key in a warning that has no effect on the fleet's runtime, or that Compose does not know; extensions of
   * others (`x-...`) are meant to be ignored.
   */
  warn(section: KeySection, { warnings, runtime }: Told): void {
    const prefix = this.tree.path === '' ? '' : `${this.tree.path}.`;
    for (const { key, keyPlace } of this.tree.entries.values()) {
      const row = Object.hasOwn(section, key) ? section[key] : undefined;
      if (row === undefined && key.startsWith('x-')) continue;
      const message = row === undefined ? unknownKey(key, section) : whyIgnored(row, runtime);
      if (message !== null) warnings.add(keyPlace, `${prefix}${key}`, message);
    }
  }

  /** For mappings of Flotilla's own: a key that nobody took is an error. */
  refuseRest(what: string): void {
    const [first] = this.left();
    if (!first) return;
    const known = [...this.#taken].toSorted();
    throw invalid(first.keyPlace, `${what} has no key ${first.key}`, sentence(known, 'or'));
  }
}

function unknownKey(key: string, section: KeySection): string {
  const close = nearest(key, Object.keys(section));
  return close === null ? 'is not a key of Compose, and has no effect' : `is not a key of Compose; is ${close} meant?`;
}
