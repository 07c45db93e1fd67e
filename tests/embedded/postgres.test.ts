import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Program, startProgram } from './program.ts';

const SHOP = path.resolve(import.meta.dirname, '../../sample-fleet/postgres');

let root = '';
let dataDir = '';
const programs: Program[] = [];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'flotilla-test-postgres-'));
  dataDir = path.join(root, 'data');
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.end();
  await rm(root, { recursive: true, force: true });
});

async function start(environment: Record<string, string> = {}, args: readonly string[] = []): Promise<Program> {
  const program = await startProgram('postgres', { DATA_DIR: dataDir, INITDB_DIR: SHOP, ...environment }, args);
  programs.push(program);
  return program;
}

async function query(port: number, text: string, login = 'postgres', database = login): Promise<unknown[][]> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: login, password: login, database });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

const postmasterPid = async () =>
  Number((await readFile(path.join(dataDir, 'pgdata/postmaster.pid'), 'utf8')).split('\n')[0]);

/** Alive, and not only waiting to be collected. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}

test('the first start makes the databases of the shop, later ones keep what is in them', async () => {
  const first = await start();
  expect(await query(first.port, 'SELECT current_user, current_database()', 'orders')).toEqual([['orders', 'orders']]);
  await query(first.port, 'CREATE TABLE parcels AS SELECT 7 AS id', 'shipping');
  await expect(query(first.port, 'SELECT 1', 'orders', 'catalog')).rejects.toThrow(/permission denied for database/);
  expect(await first.end()).toBe(0);
  const second = await start();
  expect(await query(second.port, 'SELECT id FROM parcels', 'shipping')).toEqual([[7]]);
  expect(second.lines.some((line) => line.includes('running 00-databases.sql'))).toBe(false);
});

test('SIGTERM ends the server cleanly although a session is open', async () => {
  const program = await start();
  const pid = await postmasterPid();
  const client = new pg.Client({ host: '127.0.0.1', port: program.port, user: 'postgres', password: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  const before = performance.now();
  expect(await program.end()).toBe(0);
  expect(performance.now() - before).toBeLessThan(5000);
  expect(await isAlive(pid)).toBe(false);
  expect(program.lines.some((line) => line.includes('database system is shut down'))).toBe(true);
  await client.end().catch(() => undefined);
});

test('after the program was killed, the next start ends the server that it left and goes on with its data', async () => {
  const first = await start();
  await query(first.port, 'CREATE TABLE parcels AS SELECT 7 AS id', 'shipping');
  const pid = await postmasterPid();
  await first.end('SIGKILL');
  expect(await isAlive(pid)).toBe(true);
  const second = await start({ PORT: String(first.port) });
  expect(await isAlive(pid)).toBe(false);
  expect(await query(second.port, 'SELECT id FROM parcels', 'shipping')).toEqual([[7]]);
});

test('after program and server were killed, the next start recovers', async () => {
  const first = await start();
  await query(first.port, 'CREATE TABLE parcels AS SELECT 7 AS id', 'shipping');
  const pid = await postmasterPid();
  first.child.kill('SIGSTOP');
  process.kill(pid, 'SIGKILL');
  await first.end('SIGKILL');
  const second = await start();
  expect(await query(second.port, 'SELECT id FROM parcels', 'shipping')).toEqual([[7]]);
});

test('a pid file whose pid is now a stranger: the stranger lives', async () => {
  await (await start()).end();
  const stranger = await startProgram('redis', {});
  programs.push(stranger);
  await writeFile(path.join(dataDir, 'pgdata/postmaster.pid'), `${stranger.child.pid}\n${dataDir}/pgdata\n0\n1\n`);
  await start();
  expect(stranger.child.exitCode).toBeNull();
});

test('a first start that was broken off is done again', async () => {
  await mkdir(path.join(dataDir, 'pgdata'), { recursive: true });
  await writeFile(path.join(dataDir, 'pgdata/PG_VERSION'), '18');
  const { port } = await start();
  expect(await query(port, 'SELECT 1', 'orders')).toEqual([[1]]);
});

test('a data folder below one that only its owner may enter', async () => {
  await mkdir(dataDir);
  await chmod(root, 0o700);
  const { port } = await start();
  expect(await query(port, 'SELECT 1', 'orders')).toEqual([[1]]);
});

test('user, password, database, and what psql scripts do', async () => {
  const scripts = path.join(root, 'scripts');
  await mkdir(scripts);
  await writeFile(
    path.join(scripts, '1.sql'),
    `\\set ON_ERROR_STOP on
SELECT 'CREATE DATABASE extra' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'extra')\\gexec
\\connect extra
CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
CREATE TABLE t (a text); INSERT INTO t VALUES ('x;y');`,
  );
  await writeFile(path.join(scripts, '2.sh'), 'exit 1');
  const environment = { POSTGRES_USER: 'shop', POSTGRES_PASSWORD: 'shop', POSTGRES_DB: 'main', INITDB_DIR: scripts };
  const program = await start(environment, ['postgres', '-c', 'max_connections=77']);
  expect(await query(program.port, 'SHOW max_connections', 'shop', 'main')).toEqual([['77']]);
  expect(await query(program.port, 'SELECT one(), a FROM t', 'shop', 'extra')).toEqual([[1, 'x;y']]);
  expect(await query(program.port, 'SELECT current_database()', 'shop', 'main')).toEqual([['main']]);
  expect(program.lines.some((line) => line.includes('2.sh is not run'))).toBe(true);
});

test('a script with an error is named with its line, and the next start begins anew', async () => {
  const scripts = path.join(root, 'scripts');
  await mkdir(scripts);
  await writeFile(path.join(scripts, 'a.sql'), 'CREATE ROLE one;\n\nCREATE TABL x();');
  await expect(start({ INITDB_DIR: scripts })).rejects.toThrow(
    /PostgreSQL does not run: .*a\.sql:3: syntax error at or near "TABL"\. \(code 1\)/,
  );
  await writeFile(path.join(scripts, 'a.sql'), 'CREATE ROLE one;');
  const { port } = await start({ INITDB_DIR: scripts });
  expect(await query(port, "SELECT count(*)::int FROM pg_roles WHERE rolname = 'one'")).toEqual([[1]]);
});

test('a port that is taken is said in a sentence', async () => {
  const { port } = await start();
  dataDir = path.join(root, 'other');
  await expect(start({ PORT: String(port) })).rejects.toThrow(
    `PostgreSQL does not run: port ${port} on 127.0.0.1 is taken. (code 1)`,
  );
});

test('errors of sessions are structured log lines', async () => {
  const { port, lines } = await start();
  await expect(query(port, 'SELECT nonsense', 'orders')).rejects.toThrow();
  await vi.waitFor(() => expect(lines.some((line) => line.includes('nonsense'))).toBe(true));
  const line = lines.find((one) => one.includes('nonsense'));
  expect(JSON.parse(line ?? '')).toMatchObject({
    level: 'error',
    msg: 'column "nonsense" does not exist at character 8',
    'db.user': 'orders',
    'db.namespace': 'orders',
    statement: 'SELECT nonsense',
  });
});
