import pg from 'pg';
import { expect, test } from 'vitest';
import { toPeekError } from './peek-error.ts';
import { RabbitRefusedError } from './rabbitmq.ts';

const target = {
  service: 'db' as never,
  kind: 'postgres',
  host: '127.0.0.1',
  port: 5432,
  user: '',
  password: '',
  database: '',
} as const;
const postgres = (code: string, message: string): Error =>
  Object.assign(new pg.DatabaseError(message, message.length, 'error'), { code });

test.each([
  ['PostgreSQL', postgres('53300', 'sorry, too many clients already')],
  ['Redis', new Error('ERR max number of clients reached')],
])('a %s without a free connection is full, and its password is not doubted', (_, error) => {
  expect(toPeekError(error, target)).toMatchObject({
    code: 'PEEK_FULL',
    message: expect.stringMatching(/^db takes no more connections, as every one is in use: .*(clients)/),
    remedy: expect.stringContaining('flotilla fault list'),
  });
});

test.each([
  [postgres('28P01', 'password authentication failed for user "postgres"'), true],
  [postgres('28000', 'role "nobody" does not exist'), true],
  [postgres('3D000', 'database "nowhere" does not exist'), false],
  [postgres('57P03', 'the database system is starting up'), false],
  [new Error('WRONGPASS invalid username-password pair or user is disabled.'), true],
  [new Error('NOAUTH Authentication required.'), true],
  [new Error('ERR Client sent AUTH, but no password is set'), true],
  [new Error("NOPERM this user has no permissions to run the 'info' command"), false],
  [new Error("ERR unknown command 'SCAN'"), false],
  [new RabbitRefusedError(401, 'Unauthorized'), true],
  [new RabbitRefusedError(500, 'Internal Server Error'), false],
])('only a rejected login speaks of user and password: %s', (error, isLogin) => {
  const told = toPeekError(error, target);
  expect([told.code, told.remedy.includes('password')]).toEqual(['PEEK_REFUSED', isLogin]);
});

test('what does not answer refuses nothing', () => {
  const gone = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
  expect(toPeekError(gone, target)).toMatchObject({
    code: 'PEEK_UNREACHABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});
