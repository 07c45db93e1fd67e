import type { Pattern, SearchNode } from './ast.ts';
import { levelAt } from './fields.ts';

const units = [
  ['h', 3600e9],
  ['m', 60e9],
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
] as const;

/** The search as text that parses to the same. */
export function printSearch(node: SearchNode): string {
  return node.kind === 'all' ? '' : print(node);
}

function print(node: SearchNode): string {
  switch (node.kind) {
    case 'all':
      return '*';
    case 'text':
      return printText(node.pattern);
    case 'field':
      return `${node.field}:${node.anyOf.map(printPattern).join(',')}`;
    case 'attribute':
      return `${printKey(node.key)}:${node.anyOf.map(printPattern).join(',')}`;
    case 'exists':
      return `${printKey(node.key)}:*`;
    case 'duration':
      return `duration${node.comparison}${printDuration(node.ns)}`;
    case 'level':
      return `level${node.comparison}${levelAt(node.rank)}`;
    case 'number':
      return `${printKey(node.key)}${node.comparison}${node.value}`;
    case 'not':
      return `-${printInside(node.node)}`;
    case 'and':
      return node.nodes.map((inner) => (inner.kind === 'or' ? printInside(inner) : print(inner))).join(' ');
    case 'or':
      return node.nodes.map(print).join(' OR ');
  }
}

function printInside(node: SearchNode): string {
  return node.kind === 'and' || node.kind === 'or' ? `(${print(node)})` : print(node);
}

function printDuration(ns: number): string {
  const [unit, size] = units.find(([, size]) => ns % size === 0) ?? ['ns', 1];
  return `${ns / size}${unit}`;
}

function printKey(key: string): string {
  return /^[^\s():<>=",]+$/.test(key) ? `@${key}` : `@${quote(key)}`;
}

function printPattern(pattern: Pattern): string {
  if (pattern.length === 1 && pattern[0] === '') return '""';
  return pattern.map(printPiece).join('*');
}

/** A value or part of one, quoted where a character of it would mean something. */
export function printPiece(piece: string): string {
  return /^[^\s()",*<>=]*$/.test(piece) ? piece : quote(piece);
}

/** A bare word is quoted more often than a value: it must not look like a field, an operator or a negation. */
function printText(pattern: Pattern): string {
  const plain = pattern.every((piece) => /^[^\s()"*:<>=@]*$/.test(piece)) && !/^-|^(AND|OR|NOT)$/.test(pattern[0]);
  return plain ? pattern.join('*') : pattern.map((piece) => (piece === '' ? '' : quote(piece))).join('*');
}

export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
