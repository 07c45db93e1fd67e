import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from './listen-address.ts';
import { readToxic } from './read-input.ts';
import { readAttributes, toxicTypes } from './toxic-types.ts';

test('every type has attributes that it takes as they are initially', () => {
  for (const [name, type] of Object.entries(toxicTypes)) {
    const attributes = readAttributes(type, {});
    expect(Object.keys(attributes).length, name).toBeGreaterThan(0);
    expect(readAttributes(type, attributes), name).toEqual(attributes);
  }
});

test.for([
  ['latency', { latency: -1 }, 'between 0 and'],
  ['http_abort', { status: 99 }, 'between 200 and 599'],
  ['http_abort', { percentage: 101 }, 'between 0 and 100'],
  ['http_abort', { body: 'x'.repeat(20_000) }, '16,000 bytes'],
  ['http_drop_nth', { mode: 'eat' }, 'reset or hang'],
  ['http_header', { name: 'a b' }, 'no name of a header'],
  ['http_header', { value: 'a\r\nb' }, 'cannot carry'],
] as const)('%s refuses %o', ([type, attributes, problem]) => {
  expect(() => readToxic({ type, attributes })).toThrow(problem);
});

test('a toxic is named and directed by its type', () => {
  expect(readToxic({ type: 'latency' })).toMatchObject({ name: 'latency_downstream', expiresAtMs: null });
  expect(readToxic({ type: 'http_abort', attributes: { percentage: 12.5 } })).toMatchObject({
    name: 'http_abort_upstream',
    attributes: { percentage: 12.5, status: 503 },
  });
});

test('addresses', () => {
  expect(parseAddress('[::1]:80')).toEqual({ host: '::1', port: 80 });
  expect(parseAddress(':80')).toEqual({ host: '', port: 80 });
  expect(formatAddress({ host: '::1', port: 80 })).toBe('[::1]:80');
  for (const wrong of ['x', 'x:99999', '::1:80', 'x:']) expect(() => parseAddress(wrong)).toThrow('expected host:port');
});
