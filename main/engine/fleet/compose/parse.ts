import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { FlotillaError } from '../../../contract/index.ts';
import { InterpolationError, interpolate, type Lookup } from './interpolate.ts';
import { invalid, type Place } from './place.ts';
import { describeTree, type Entry, type MapTree, type Tree } from './tree.ts';
import type { Warnings } from './warnings.ts';

/** Far above any real fleet; a file of aliases of aliases stops here instead of filling the memory. */
const MOST_NODES = 200_000;
const DEEPEST = 60;

const EXPECTED: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'each key once',
  TAB_AS_INDENT: 'spaces for indentation',
  BAD_INDENT: 'lines that belong together to be indented alike',
  MISSING_CHAR: 'the character that closes what was opened',
  BAD_ALIAS: 'an anchor (&name) before its alias (*name)',
  MULTIPLE_DOCS: 'one document without --- in the middle',
};

/** Compose's own tags, for files that are laid over others. */
const TAGS: Readonly<Record<string, 'reset' | 'override'>> = { '!reset': 'reset', '!override': 'override' };

interface Reading {
  readonly file: string;
  readonly text: string;
  readonly document: Document.Parsed<ParsedNode>;
  readonly lines: LineCounter;
  readonly lookup: Lookup;
  readonly warnings: Warnings;
  readonly following: Set<string>;
  nodes: number;
}

function placeAt(reading: Pick<Reading, 'file' | 'lines'>, offset: number): Place {
  const { line, col } = reading.lines.linePos(offset);
  return { file: reading.file, line: Math.max(1, line), column: Math.max(1, col) };
}

function yamlProblem(error: YAMLError, reading: Pick<Reading, 'file' | 'lines'>): FlotillaError {
  const detail = error.code === 'DUPLICATE_KEY' ? 'this key is there twice' : error.message.replace(/[.:]?\s*$/, '');
  return invalid(placeAt(reading, error.pos[0]), detail, EXPECTED[error.code] ?? 'valid YAML');
}

function textOf(scalar: Scalar.Parsed): string {
  if (typeof scalar.value === 'string') return scalar.value;
  return scalar.value === null ? '' : (scalar.source ?? String(scalar.value));
}

/** Where a variable stands: found by its own text, as quotes and folds shift offsets within a scalar. */
function variablePlace(reading: Reading, scalar: Scalar.Parsed, at: number): Place {
  const [start, end] = scalar.range;
  const raw = reading.text.slice(start, end);
  const dollar = textOf(scalar).slice(at, at + 40);
  for (let length = dollar.length; length > 0; length -= 1) {
    const found = raw.indexOf(dollar.slice(0, length));
    if (found >= 0) return placeAt(reading, start + found);
  }
  return placeAt(reading, start);
}

function scalarTree(scalar: Scalar.Parsed, path: string, reading: Reading): Tree {
  const place = placeAt(reading, scalar.range[0]);
  const text = textOf(scalar);
  const { value } = scalar;
  if (typeof value !== 'string') {
    const known = typeof value === 'number' || typeof value === 'boolean' ? value : null;
    return { type: 'scalar', value: known, text, place, path };
  }
  try {
    const filled = interpolate(text, reading.lookup);
    for (const { name, at } of filled.unset) {
      const message = `the variable ${name} is not set and has no default: it is empty`;
      reading.warnings.add(variablePlace(reading, scalar, at), path, message);
    }
    return { type: 'scalar', value: filled.text, text: filled.text, place, path };
  } catch (error) {
    if (!(error instanceof InterpolationError)) throw error;
    const where = variablePlace(reading, scalar, error.at);
    if (error.variable === null) throw invalid(where, error.message, error.expected);
    const { file, line, column } = where;
    throw new FlotillaError('FLEET_VARIABLE', { file, line, column, variable: error.variable, problem: error.message });
  }
}

function mergeInto(entries: Map<string, Entry>, source: Tree, key: Place): void {
  const maps = source.type === 'list' ? source.items : [source];
  for (const map of maps) {
    if (map.type !== 'map')
      throw invalid(key, `<< is ${describeTree(map)}`, 'an alias of a mapping, or a list of them');
    for (const [name, entry] of map.entries) if (!entries.has(name)) entries.set(name, entry);
  }
}

function mapTree(node: YAMLMap.Parsed, path: string, reading: Reading, depth: number): MapTree {
  const entries = new Map<string, Entry>();
  const merges: { tree: Tree; place: Place }[] = [];
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key)) {
      throw invalid(placeAt(reading, node.range[0]), 'a key is not plain text', 'KEY: value');
    }
    const keyNode = pair.key as Scalar.Parsed;
    const key = textOf(keyNode);
    const keyPlace = placeAt(reading, keyNode.range[0]);
    const isMerge = keyNode.source === '<<' && keyNode.type === 'PLAIN';
    if (path === '' && key.startsWith('x-') && key !== 'x-flotilla') continue;
    const below = isMerge ? path : path === '' ? key : `${path}.${key}`;
    const value = pair.value
      ? toTree(pair.value, below, reading, depth + 1)
      : ({ type: 'scalar', value: null, text: '', place: keyPlace, path: below } as const);
    if (isMerge) merges.push({ tree: value, place: keyPlace });
    else if (entries.has(key)) throw invalid(keyPlace, `the key ${key} is there twice`, 'each key once');
    else entries.set(key, { key, keyPlace, value });
  }
  for (const { tree, place } of merges) mergeInto(entries, tree, place);
  return { type: 'map', entries, place: placeAt(reading, node.range[0]), path };
}

function toTree(node: ParsedNode, path: string, reading: Reading, depth: number): Tree {
  const tag = TAGS[node.tag ?? ''];
  const tree = untagged(node, path, reading, depth);
  return tag === undefined ? tree : { ...tree, tag };
}

function untagged(node: ParsedNode, path: string, reading: Reading, depth: number): Tree {
  reading.nodes += 1;
  const start = node.range[0];
  if (reading.nodes > MOST_NODES || depth > DEEPEST) {
    const what = depth > DEEPEST ? 'this is nested too deeply' : 'aliases make this file too large';
    throw invalid(placeAt(reading, start), what, `at most ${DEEPEST} levels and ${MOST_NODES} values`);
  }
  if (isAlias(node)) {
    const target = node.resolve(reading.document) as ParsedNode | undefined;
    if (!target || reading.following.has(node.source)) {
      const detail = target
        ? `*${node.source} is inside the anchor that it names`
        : `no anchor &${node.source} comes before`;
      throw invalid(placeAt(reading, start), detail, EXPECTED.BAD_ALIAS ?? '');
    }
    reading.following.add(node.source);
    const tree = toTree(target, path, reading, depth + 1);
    reading.following.delete(node.source);
    return tree;
  }
  if (isSeq(node)) {
    const items = node.items.map((item, index) => toTree(item as ParsedNode, `${path}[${index}]`, reading, depth + 1));
    return { type: 'list', items, place: placeAt(reading, start), path };
  }
  return isMap(node) ? mapTree(node, path, reading, depth) : scalarTree(node as Scalar.Parsed, path, reading);
}

/**
 * Parses a Compose file to a tree in which every value knows its place. Unset variables and what YAML itself warns about
 * become warnings. Throws FLEET_FILE_INVALID for anything that is not one YAML document whose root is a mapping, and
 * FLEET_VARIABLE for a missing variable that the file requires.
 */
export function parseComposeText(text: string, file: string, lookup: Lookup, warnings: Warnings): MapTree {
  const lines = new LineCounter();
  const where = { file, lines };
  let documents: ReturnType<typeof parseAllDocuments<ParsedNode>>;
  try {
    documents = parseAllDocuments<ParsedNode>(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  } catch (error) {
    // The parser is recursive; a file nested thousands of levels deep exhausts its stack.
    if (!(error instanceof RangeError)) throw error;
    throw invalid({ file, line: 1, column: 1 }, 'this is nested too deeply', `at most ${DEEPEST} levels`);
  }
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (!document?.contents) {
    throw invalid({ file, line: 1, column: 1 }, 'the file is empty', 'a mapping with services');
  }
  const [error] = document.errors;
  if (error) throw yamlProblem(error, where);
  if (second) {
    throw invalid(placeAt(where, second.range[0]), 'a second document starts here', EXPECTED.MULTIPLE_DOCS ?? '');
  }
  for (const warning of document.warnings) {
    if (/^Unresolved tag: !(reset|override)$/.test(warning.message)) continue;
    warnings.add(placeAt(where, warning.pos[0]), '', warning.message);
  }
  const reading = { file, text, document, lines, lookup, warnings, following: new Set<string>(), nodes: 0 };
  const tree = toTree(document.contents, '', reading, 0);
  if (tree.type !== 'map') throw invalid(tree.place, `the file is ${describeTree(tree)}`, 'a mapping with services');
  return tree;
}
