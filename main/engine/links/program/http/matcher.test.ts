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

test('a regular expression that is none is named', () => {
  expect(pathProblem('~(')).toBe('is no valid regular expression');
  expect(pathProblem('(')).toBeNull();
});
