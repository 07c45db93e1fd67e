import type { AttributeValue, LogRecord } from '../../../../contract/index.ts';
import {
  type Comparison,
  fold,
  foldedMatch,
  levelRank,
  type Pattern,
  parseSearch,
  type SearchNode,
} from '../../../../contract/search/index.ts';

type Filter = (record: LogRecord) => boolean;

const never: Filter = () => false;
const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

/**
 * A search as a function on log records, for the live tail. It means the same as the condition that compileSearch makes
 * for the store.
 * @throws FlotillaError QUERY_SYNTAX
 */
export function compileLogFilter(query: string): Filter {
  return compile(parseSearch(query));
}

function compile(node: SearchNode): Filter {
  switch (node.kind) {
    case 'all':
      return () => true;
    case 'text':
      return textFilter(node.pattern);
    case 'field':
      return fieldFilter(node.field, node.anyOf);
    case 'attribute': {
      const test = anyFits(node.anyOf);
      return (record) => {
        const value = asText(record.attributes[node.key]);
        return value !== null && test(value);
      };
    }
    case 'exists':
      return (record) => asText(record.attributes[node.key]) !== null;
    case 'number':
      return (record) => {
        const value = asText(record.attributes[node.key]);
        return value !== null && isNumber.test(value) && compare(Number(value), node.comparison, node.value);
      };
    case 'duration':
      return never;
    case 'level':
      return (record) => compare(levelRank(record.level), node.comparison, node.rank);
    case 'not': {
      const inner = compile(node.node);
      return (record) => !inner(record);
    }
    case 'and': {
      const filters = node.nodes.map(compile);
      return (record) => filters.every((filter) => filter(record));
    }
    case 'or': {
      const filters = node.nodes.map(compile);
      return (record) => filters.some((filter) => filter(record));
    }
  }
}

function textFilter(pattern: Pattern): Filter {
  const pieces = pattern.map(fold);
  const occurs = (text: string): boolean => foldedMatch(pieces, fold(text), true);
  return (record) => {
    if (occurs(record.message)) return true;
    for (const key in record.attributes) {
      const value = asText(record.attributes[key]);
      if (value !== null && occurs(value)) return true;
    }
    return false;
  };
}

function fieldFilter(field: string, patterns: readonly Pattern[]): Filter {
  const test = anyFits(patterns);
  const isError: Filter = (record) => record.level === 'error' || record.level === 'fatal';
  switch (field) {
    case 'service':
      return (record) => test(record.service);
    case 'instance':
      return (record) => test(record.instance);
    case 'message':
      return (record) => test(record.message);
    case 'level':
      return (record) => test(record.level);
    case 'source':
      return (record) => test(record.source);
    case 'trace':
      return (record) => record.traceId !== null && test(record.traceId);
    case 'span_id':
      return (record) => record.spanId !== null && test(record.spanId);
    case 'has':
      return isError;
    case 'status':
      return test('error') ? isError : never;
    default:
      return never;
  }
}

function anyFits(patterns: readonly Pattern[]): (text: string) => boolean {
  const folded = patterns.map((pattern) => pattern.map(fold));
  return (text) => {
    const foldedText = fold(text);
    return folded.some((pieces) => foldedMatch(pieces, foldedText, false));
  };
}

/** The value as the store's JSON functions give it: null where there is none, JSON for lists and objects. */
function asText(value: AttributeValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function compare(left: number, comparison: Comparison, right: number): boolean {
  switch (comparison) {
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
  }
}
