import type { Attributes } from '../toxic.ts';
import { linearExpression } from './linear-expression.ts';
import { pathGlob } from './path-glob.ts';
import { wildcardMatches } from './wildcard.ts';

/** The part of a request that a matcher looks at. */
export interface RequestHead {
  readonly method: string;
  /** With query, as it was sent. */
  readonly path: string;
  /** The first value of a header (lower-case name). */
  header(name: string): string | undefined;
}

/** Of a longer path only the beginning is matched, so that what a request costs is bounded. */
const MAX_PATH = 1024;
const MAX_GLOB = 500;
const MAX_EXPRESSION = 200;

/**
 * Whether a path (without its query) is meant: by a glob, or after `~` by a regular expression that may match anywhere.
 * @throws Error with a clause that says what is wrong with the pattern
 */
function pathMatcher(pattern: string): (path: string) => boolean {
  const isExpression = pattern.startsWith('~');
  const most = isExpression ? MAX_EXPRESSION : MAX_GLOB;
  if (pattern.length > most) throw new Error(`is longer than ${most} characters`);
  if (!isExpression) return pathGlob(pattern);
  const expression = linearExpression(pattern.slice(1));
  return (path) => expression.test(path);
}

/** What is wrong with a path pattern, or null. */
export function pathProblem(pattern: string): string | null {
  try {
    pathMatcher(pattern);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function headerMatcher(pattern: string): (head: RequestHead) => boolean {
  const colon = pattern.indexOf(':');
  const name = (colon < 0 ? pattern : pattern.slice(0, colon)).trim().toLowerCase();
  if (colon < 0) return (head) => head.header(name) !== undefined;
  const value = pattern.slice(colon + 1).trim();
  return (head) => wildcardMatches(value, head.header(name) ?? '');
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
  return (head) => {
    const found = baggageMember(head.header('baggage') ?? '', name);
    return found !== undefined && wildcardMatches(value, found);
  };
}

/**
 * Whether a request is meant, from the attributes `method` (one or several with commas), `path` (a glob, or `~` and a regular expression),
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
    const matches = pathMatcher(String(path));
    tests.push((head) => {
      const query = head.path.indexOf('?');
      return matches((query < 0 ? head.path : head.path.slice(0, query)).slice(0, MAX_PATH));
    });
  }
  if (header !== '') tests.push(headerMatcher(String(header)));
  if (baggage !== '') tests.push(baggageMatcher(String(baggage)));
  return (head) => tests.every((test) => test(head));
}
