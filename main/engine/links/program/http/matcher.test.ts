import { expect, test } from 'vitest';
import { pathProblem, requestMatcher } from './matcher.ts';

const head = (method: string, path: string, headers: Record<string, string> = {}) => ({
  method,
  path,
  header: (name: string) => headers[name],
});

test.for([
  ['/orders/*', '/orders/42', true],
  ['/orders/*', '/orders/42?full=1', true],
  ['/orders/*', '/orders/42/items', false],
  ['/orders/**', '/orders/42/items', true],
  ['/o?ders', '/orders', true],
  ['/a.b', '/axb', false],
  ['~^/orders/\\d+$', '/orders/42', true],
  ['~^/orders/\\d+$', '/orders/x', false],
  ['', '/anything', true],
] as const)('path %s of %s: %s', ([path, actual, expected]) => {
  expect(requestMatcher({ path })(head('GET', actual))).toBe(expected);
});

test('method and header match with all that is given', () => {
  const matches = requestMatcher({ method: 'get, put', header: 'X-User: 4*' });
  expect(matches(head('PUT', '/', { 'x-user': '42' }))).toBe(true);
  expect(matches(head('POST', '/', { 'x-user': '42' }))).toBe(false);
  expect(matches(head('GET', '/', { 'x-user': '7' }))).toBe(false);
  expect(requestMatcher({ header: 'x-user' })(head('GET', '/', { 'x-user': '' }))).toBe(true);
  expect(requestMatcher({ header: 'x-user' })(head('GET', '/'))).toBe(false);
});

test.for([
  ['user.id', 'tenant=a,user.id=42;ttl=1', true],
  ['user.id=4*', 'tenant=a, user.id = 42', true],
  ['user.id=7', 'user.id=42', false],
  ['user.id=ann b', 'user.id=ann%20b', true],
  ['id', 'user.id=42', false],
  ['user.id', '', false],
] as const)('baggage %s in "%s": %s', ([baggage, header, expected]) => {
  expect(requestMatcher({ baggage })(head('GET', '/', { baggage: header }))).toBe(expected);
});

test.for([
  ['/a/*', '/a/', true],
  ['/a/**', '/a/b/c\nd', true],
  ['**/items', '/orders/42/items', true],
  ['**/items', '/orders/42/items/1', false],
  ['/*/x*/**z', '/a/xy/b/z', true],
  ['/*/x*/**z', '/a/y/b/z', false],
  ['/?', '//', false],
  ['/a', '/ab', false],
  ['/ab', '/a', false],
] as const)('glob %s of %j: %s', ([path, actual, expected]) => {
  expect(requestMatcher({ path })(head('GET', actual))).toBe(expected);
});

test.for([
  ['x: a*b*c', 'a-b-b-c', true],
  ['x: ab*ba', 'aba', false],
  ['x: *', '', true],
  ['x: a*a*a', 'aa', false],
  ['x: a.c', 'abc', false],
] as const)('header %s of %s: %s', ([header, value, expected]) => {
  expect(requestMatcher({ header })(head('GET', '/', { x: value }))).toBe(expected);
});

test.for([
  ['~(', 'is no valid regular expression'],
  ['~(a)\\1', 'cannot be matched in linear time'],
  ['~(?=a)b', 'cannot be matched in linear time'],
  ['~a{32}', 'counts beyond 16'],
  [`~${'a'.repeat(201)}`, 'longer than 200 characters'],
  ['a'.repeat(501), 'longer than 500 characters'],
] as const)('%s is refused: %s', ([pattern, problem]) => {
  expect(pathProblem(pattern)).toContain(problem);
});

test('what is no expression is a glob', () => {
  expect(pathProblem('(')).toBeNull();
});

/** The textbook's, and those that cost most within what is taken. A backtracking engine would take ages for each of them. */
test.for([
  [{ path: '~(a+)+$' }],
  [{ path: '~^/(a|aa)+$' }],
  [{ path: `~${'.*a'.repeat(65)}b` }],
  [{ path: `~${'(a?){16}'.repeat(24)}b` }],
  [{ path: `${'**a'.repeat(165)}b` }],
  [{ header: `x: ${'*a'.repeat(1000)}b` }],
  [{ baggage: `x=${'*a'.repeat(1000)}b` }],
] as const)('%o does not stop the program', ([attributes]) => {
  const path = `/${'a'.repeat(1000)}${'!'.repeat(4000)}`;
  const matches = requestMatcher(attributes);
  const startedMs = performance.now();
  expect(matches(head('GET', path, { x: path, baggage: `x=${path}` }))).toBe(false);
  // On an idle machine it is between 1 and 100 ms.
  expect(performance.now() - startedMs).toBeLessThan(2000);
});
