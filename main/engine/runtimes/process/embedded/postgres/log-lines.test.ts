import { expect, test } from 'vitest';
import { LogLines, type PostgresLog } from './log-lines.ts';

function read(...lines: string[]): PostgresLog[] {
  const records: PostgresLog[] = [];
  const reader = new LogLines((record) => records.push(record));
  for (const line of lines) reader.push(line);
  reader.flush();
  return records;
}

const time = '2023-11-14T22:13:20.123Z';

test('a line of the server', () => {
  expect(read('1700000000.123 [42] LOG:  shutting down')).toEqual([
    { time, level: 'info', msg: 'shutting down', attributes: { pid: '42' } },
  ]);
});

test('what belongs to an error of a session is one record', () => {
  expect(
    read(
      '1700000000.123 [42] shop@orders ERROR:  duplicate key value violates unique constraint "a"',
      '1700000000.123 [42] shop@orders DETAIL:  Key (id)=(1) already exists.',
      '1700000000.123 [42] shop@orders STATEMENT:  INSERT INTO a',
      '\tVALUES (1)',
      '1700000000.123 [7] shop@orders WARNING:  next',
    ),
  ).toEqual([
    {
      time,
      level: 'error',
      msg: 'duplicate key value violates unique constraint "a"',
      attributes: {
        pid: '42',
        'db.user': 'shop',
        'db.namespace': 'orders',
        detail: 'Key (id)=(1) already exists.',
        statement: 'INSERT INTO a\nVALUES (1)',
      },
    },
    { time, level: 'warn', msg: 'next', attributes: { pid: '7', 'db.user': 'shop', 'db.namespace': 'orders' } },
  ]);
});

test.each([
  ['FATAL', 'fatal'],
  ['PANIC', 'fatal'],
  ['NOTICE', 'info'],
  ['DEBUG2', 'debug'],
])('%s is %s', (severity, level) => expect(read(`1700000000.123 [42] ${severity}:  x`)[0]?.level).toBe(level));

test('a line in no known form is kept as it is', () => {
  expect(read('error while loading shared libraries', '')).toMatchObject([
    { level: 'info', msg: 'error while loading shared libraries' },
  ]);
});
