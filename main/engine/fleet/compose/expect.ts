import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';
import { invalid, sentence } from './place.ts';
import { describeTree, isNull, type ListTree, lastOf, type MapTree, type ScalarTree, type Tree } from './tree.ts';

/**
 * What a value has to be. Each function gives the value or throws FLEET_FILE_INVALID at its place, saying what it is and
 * what was expected.
 */
function refuse(tree: Tree, expected: string): never {
  throw invalid(tree.place, `${lastOf(tree.path)} is ${describeTree(tree)}`, expected);
}

export function expectMap(tree: Tree, expected = 'a mapping'): MapTree {
  return tree.type === 'map' ? tree : refuse(tree, expected);
}

export function expectList(tree: Tree, expected = 'a list'): ListTree {
  return tree.type === 'list' ? tree : refuse(tree, expected);
}

export function expectScalar(tree: Tree, expected: string): ScalarTree {
  return tree.type === 'scalar' && tree.value !== null ? tree : refuse(tree, expected);
}

/** Text; numbers and booleans count as the text that they are written as. */
export function expectText(tree: Tree, expected = 'text'): string {
  return expectScalar(tree, expected).text;
}

/** Text that is not empty. */
export function expectName(tree: Tree, expected = 'text that is not empty'): string {
  const text = expectText(tree, expected);
  return text === '' ? refuse(tree, expected) : text;
}

/** The words that Compose takes besides `true` and `false`, in any letters (compose-go, loader/interpolate.go). */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 't', 'yes', 'y', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', 'off', '0'].map((word) => [word, false] as const),
]);

export function expectBoolean(tree: Tree): boolean {
  const { text } = expectScalar(tree, 'true or false');
  return BOOLEANS.get(text.toLowerCase()) ?? refuse(tree, 'true or false');
}

/** A number, also when a variable made it text. */
export function expectNumber(tree: Tree, range: { min: number; max: number; integer?: boolean }): number {
  const integer = range.integer ?? false;
  const most = range.max === Number.MAX_SAFE_INTEGER ? `of at least ${range.min}` : `from ${range.min} to ${range.max}`;
  const expected = `${integer ? 'a whole number' : 'a number'} ${most}`;
  const { text } = expectScalar(tree, expected);
  const value = Number(text);
  const fits = text.trim() !== '' && value >= range.min && value <= range.max && (!integer || Number.isInteger(value));
  return fits ? value : refuse(tree, expected);
}

export const expectPort = (tree: Tree): number => expectNumber(tree, { min: 1, max: 65_535, integer: true });

export function expectDurationMs(tree: Tree): number {
  const expected = 'a duration such as 500ms, 10s or 1m30s';
  return parseDuration(expectText(tree, expected)) ?? refuse(tree, expected);
}

export function expectByteSize(tree: Tree): number {
  const expected = 'a size such as 512m or 1.5gb';
  return parseByteSize(expectText(tree, expected)) ?? refuse(tree, expected);
}

export function expectOneOf<T extends string>(tree: Tree, options: readonly T[]): T {
  const expected = sentence(options, 'or');
  const text = expectText(tree, expected);
  return options.find((option) => option === text) ?? refuse(tree, expected);
}

export function expectTextList(tree: Tree, expected = 'a list of texts'): string[] {
  return expectList(tree, expected).items.map((item) => expectText(item));
}

/** A text or a list of texts, as Compose allows in several places. */
export function expectTexts(tree: Tree): string[] {
  return tree.type === 'list' ? expectTextList(tree) : [expectText(tree, 'text or a list of texts')];
}

/**
 * `KEY: value` mappings and `KEY=value` lists, which Compose takes for labels, build arguments and environments. Null: the
 * key stands without a value.
 */
export function expectPairs(tree: Tree): { key: string; value: string | null; tree: Tree }[] {
  if (tree.type === 'map') {
    return [...tree.entries.values()].map(({ key, value }) => ({
      key,
      value: isNull(value) ? null : expectText(value, 'text, a number, true or false'),
      tree: value,
    }));
  }
  return expectList(tree, 'a mapping, or a list of KEY=value').items.map((item) => {
    const text = expectName(item, 'KEY=value');
    const equals = text.indexOf('=');
    if (equals === 0) refuse(item, 'KEY=value');
    return equals < 0
      ? { key: text, value: null, tree: item }
      : { key: text.slice(0, equals), value: text.slice(equals + 1), tree: item };
  });
}

/** The same as a mapping; a key without a value has an empty text. */
export function expectTextMap(tree: Tree): Record<string, string> {
  return Object.fromEntries(expectPairs(tree).map(({ key, value }) => [key, value ?? '']));
}

/** A size in bytes, or -1 for without limit. */
export function expectByteLimit(tree: Tree): number {
  return expectText(tree).trim() === '-1' ? -1 : expectByteSize(tree);
}

/** Permissions as Compose takes them: `0440` and any text (`"440"`) are octal, a number that says nothing else is decimal. */
export function expectFileMode(tree: Tree): number {
  const expected = 'permissions such as 0440';
  const { text, value } = expectScalar(tree, expected);
  const isOctal = typeof value === 'string' ? /^(0o?)?[0-7]{3,4}$/.test(text) : /^0o?[0-7]{3,4}$/.test(text);
  const mode = isOctal ? Number.parseInt(text.replace(/^0o/, ''), 8) : Number(text);
  if ((isOctal || /^\d{1,4}$/.test(text)) && mode <= 0o7777) return mode;
  return refuse(tree, expected);
}
