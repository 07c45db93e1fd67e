import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitSql } from './sql-statements.ts';

const texts = (script: string) => splitSql(script).map(({ text }) => text);

test.each<[string, string[]]>([
  ['SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
  [';; \n ;', []],
  ["SELECT 'a;b', 'it''s; fine'; SELECT 2", ["SELECT 'a;b', 'it''s; fine'", 'SELECT 2']],
  ["SELECT E'it\\'s; fine'; SELECT 'c\\'; SELECT 3", ["SELECT E'it\\'s; fine'", "SELECT 'c\\'", 'SELECT 3']],
  ['SELECT ";" AS "a""b;"; x', ['SELECT ";" AS "a""b;"', 'x']],
  ['-- no; comment\nSELECT 1 -- x;\n; SELECT 2', ['SELECT 1 -- x;', 'SELECT 2']],
  ['/* a; /* nested; */ b; */ SELECT 1;', ['SELECT 1']],
  ['DO $$ BEGIN a; b; END $$; SELECT 1', ['DO $$ BEGIN a; b; END $$', 'SELECT 1']],
  ['DO $x$ a; $$; $y$ $x$; SELECT $1; c', ['DO $x$ a; $$; $y$ $x$', 'SELECT $1', 'c']],
  ['CREATE RULE r AS ON INSERT TO t DO (a; b); c', ['CREATE RULE r AS ON INSERT TO t DO (a; b)', 'c']],
  [
    'CREATE OR REPLACE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN b END; c; END; d',
    ['CREATE OR REPLACE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN b END; c; END', 'd'],
  ],
  ['BEGIN; a; END;', ['BEGIN', 'a', 'END']],
  ["SELECT 'CREATE DATABASE x'\\gexec\nb;", ["SELECT 'CREATE DATABASE x'", '\\gexec', 'b']],
])('%j', (script, statements) => expect(texts(script)).toEqual(statements));

test('statements know their lines and psql commands are told apart', () => {
  expect(splitSql('-- first\n\nSELECT\n 1;\n\\connect shop\nSELECT 2;')).toEqual([
    { text: 'SELECT\n 1', line: 3, kind: 'sql' },
    { text: '\\connect shop', line: 5, kind: 'meta' },
    { text: 'SELECT 2', line: 6, kind: 'sql' },
  ]);
});

test('whatever stands in quotes, it ends no statement', () => {
  const quoted = fc.oneof(
    fc.string().map((text) => `'${text.replaceAll("'", "''")}'`),
    fc.string().map((text) => `"${text.replaceAll('"', '""')}"`),
    fc.string().map((text) => `$q$${text.replaceAll('$', '')}$q$`),
    fc.string().map((text) => `E'${text.replace(/['\\]/g, '\\$&')}'`),
  );
  fc.assert(
    fc.property(fc.array(fc.array(quoted, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (statements) => {
      const written = statements.map((parts) => `SELECT ${parts.join(' , ')}`);
      expect(texts(written.join(';\n'))).toEqual(written.map((text) => text.trim()));
    }),
  );
});

test('any text ends', () => {
  const piece = fc.constantFrom("'", '"', '$', '$a$', '--', '/*', '*/', '\\', ';', '(', ')', '\n', 'e', 'begin', ' ');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(Array.isArray(splitSql(pieces.join('')))).toBe(true);
    }),
  );
});
