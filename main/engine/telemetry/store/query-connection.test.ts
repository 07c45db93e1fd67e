import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queryConnection, withLiterals } from './query-connection.ts';

let instance: DuckDBInstance;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
});
afterAll(() => instance.closeSync());

async function ask(sql: string, parameters: (string | number | bigint | null)[]): Promise<object | undefined> {
  const connection = await instance.connect();
  try {
    return (await queryConnection(connection, new AbortController().signal).all(sql, parameters))[0];
  } finally {
    connection.closeSync();
  }
}

test('writes numbers and plain words into the statement, and nothing that a person typed', () => {
  expect(withLiterals("SELECT $1, '$1', $2", [5n, 'orders-1'])).toBe("SELECT (5)::BIGINT, '$1', 'orders-1'");
  expect(withLiterals("SELECT 'it''s $1', $1", [2n ** 63n])).toBe("SELECT 'it''s $1', (9223372036854775808)::UBIGINT");
  expect(withLiterals('SELECT $1', ["' OR true --"])).toBeNull();
  expect(withLiterals('SELECT $1', ['50%'])).toBeNull();
  expect(withLiterals('SELECT $1', [null])).toBeNull();
  expect(withLiterals('SELECT $1', [Number.NaN])).toBeNull();
  expect(withLiterals('SELECT 1', [])).toBe('SELECT 1');
});

test('gives the value back whatever it is', async () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom("'", "$1'", '\\', "''", 'a b', '00:11'));
  const sent = text.filter((one) => !one.includes('\0'));
  await fc.assert(
    fc.asyncProperty(sent, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), async (word, number) => {
      expect(await ask('SELECT $1::VARCHAR AS word, $2::VARCHAR AS number', [word, number])).toEqual({
        word,
        number: String(number),
      });
    }),
    { numRuns: 60 },
  );
  expect(await ask('SELECT $1 AS one, typeof($1) AS kind', [0.25])).toEqual({ one: 0.25, kind: 'DOUBLE' });
  expect(await ask('SELECT typeof($1) AS kind', [7])).toEqual({ kind: 'BIGINT' });
});
