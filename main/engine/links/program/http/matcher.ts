import type { Attributes } from '../toxic.ts';

/** The part of a request that a matcher looks at. */
export interface RequestHead {
  readonly method: string;
  /** With query, as it was sent. */
  readonly path: string;
  /** The first value of a header (lower-case name). */
  header(name: string): string | undefined;
}

/** A longer path is matched by its beginning only, so that an expression's cost is bounded. */
const MAX_PATH = 2048;

const escaped = (text: string): string => text.replace(/[.+^${}()|[\]\\]/g, '\\$&');

/** `*` any characters but `/`, `**` any characters, `?` one character. */
function globSource(glob: string): string {
  return glob
    .split(/(\*\*|\*|\?)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part === '?' ? '[^/]' : escaped(part)))
    .join('');
}

/**
 * The expression for a path pattern: a glob on the path without its query, or after `~` a regular expression that may
 * match anywhere.
 * @throws SyntaxError for a regular expression that is none
 */
export function pathExpression(pattern: string): RegExp {
  return pattern.startsWith('~') ? new RegExp(pattern.slice(1)) : new RegExp(`^${globSource(pattern)}$`, 's');
}

/** What is wrong with a path pattern, or null. */
export function pathProblem(pattern: string): string | null {
  try {
    pathExpression(pattern);
    return null;
  } catch {
    return 'is no valid regular expression';
  }
}

function headerMatcher(pattern: string): (head: RequestHead) => boolean {
  const colon = pattern.indexOf(':');
  const name = (colon < 0 ? pattern : pattern.slice(0, colon)).trim().toLowerCase();
  if (colon < 0) return (head) => head.header(name) !== undefined;
  const value = pattern.slice(colon + 1).trim();
  const expression = new RegExp(`^${value.split('*').map(escaped).join('.*')}$`, 's');
  return (head) => expression.test(head.header(name) ?? '');
}

/** The value of a member of a `baggage` header (W3C Baggage, 3.3); undefined where it has none of that name. */
function baggageMember(header: string, name: string): string | undefined {
  for (const member of header.split(',')) {
    const [pair = ''] = member.split(';');
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    const value = pair.slice(equals + 1).trim();
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  }
  return undefined;
}

function baggageMatcher(pattern: string): (head: RequestHead) => boolean {
  const equals = pattern.indexOf('=');
  const name = (equals < 0 ? pattern : pattern.slice(0, equals)).trim();
  const value = equals < 0 ? '*' : pattern.slice(equals + 1).trim();
  const expression = new RegExp(`^${value.split('*').map(escaped).join('.*')}$`, 's');
  return (head) => {
    const found = baggageMember(head.header('baggage') ?? '', name);
    return found !== undefined && expression.test(found);
  };
}

/**
 * Whether a request is meant, from the attributes `method` (one or several with commas), `path` (see `pathExpression`),
 * `header` (`name`, or `name: value` with `*` for any characters) and `baggage` (`name`, or `name=value` likewise, of the W3C
 * header that travels with a trace); an empty one means every request.
 */
export function requestMatcher(attributes: Attributes): (head: RequestHead) => boolean {
  const tests: ((head: RequestHead) => boolean)[] = [];
  const { method = '', path = '', header = '', baggage = '' } = attributes;
  if (method !== '') {
    const methods = new Set(
      String(method)
        .toUpperCase()
        .split(',')
        .map((name) => name.trim()),
    );
    tests.push((head) => methods.has(head.method));
  }
  if (path !== '') {
    const expression = pathExpression(String(path));
    tests.push((head) => {
      const query = head.path.indexOf('?');
      return expression.test((query < 0 ? head.path : head.path.slice(0, query)).slice(0, MAX_PATH));
    });
  }
  if (header !== '') tests.push(headerMatcher(String(header)));
  if (baggage !== '') tests.push(baggageMatcher(String(baggage)));
  return (head) => tests.every((test) => test(head));
}
