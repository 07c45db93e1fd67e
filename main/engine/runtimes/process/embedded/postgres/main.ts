/**
 * The embedded PostgreSQL, a program of its own: what the process runtime starts for a Postgres image. It keeps the real
 * server as its child, writes its log as JSON lines, and does once what the public image does at its first start.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { chooseAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { type Cluster, initialise, isInitialised, markInitialised, openCluster } from './cluster.ts';
import { connectTo, runInitScripts } from './init-scripts.ts';
import { endLeftover } from './leftover.ts';
import type { PostgresLog } from './log-lines.ts';
import { type Postmaster, StartError, startPostmaster } from './postmaster.ts';
import { readSettings, type Settings } from './settings.ts';

const TRIES = 20;
const TRY_EVERY_MS = 250;

function log(
  level: PostgresLog['level'],
  msg: string,
  attributes: PostgresLog['attributes'] = {},
  time?: string,
): void {
  console.log(JSON.stringify({ time: time ?? new Date().toISOString(), level, msg, ...attributes }));
}

const forward = (record: PostgresLog) => log(record.level, record.msg, record.attributes, record.time);

/** A port that is free now. PostgreSQL cannot be told to take any, so that another may be faster: then it is tried again. */
function anyPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Starts the server, again where that may help; `onStart` is given every try, so that a signal can end it. */
async function start(
  binaries: Binaries,
  cluster: Cluster,
  { port: wanted, configuration }: Pick<Settings, 'port' | 'configuration'>,
  onStart: (postmaster: Postmaster) => void,
): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = wanted === 0 ? await anyPort() : wanted;
    const postmaster = startPostmaster(binaries, cluster, { port, configuration }, forward);
    onStart(postmaster);
    try {
      await postmaster.ready;
      return port;
    } catch (error) {
      const mayHelp =
        error instanceof StartError && (error.kind === 'memory' || (error.kind === 'port' && wanted === 0));
      if (!mayHelp || tries >= TRIES) throw error;
      await pause(TRY_EVERY_MS);
    }
  }
}

/** What the public image does after its first start: the database of POSTGRES_DB, then the scripts. */
async function firstStart(settings: Settings, port: number): Promise<void> {
  const { user, password, database, initDir } = settings;
  if (database !== 'postgres') {
    const client = await connectTo({ port, user, password, database: 'postgres' });
    try {
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
    } finally {
      await client.end();
    }
  }
  if (initDir !== null) await runInitScripts(initDir, { port, user, password, database }, log);
}

/** What runs, so that it can be ended at any moment of the start. */
class Program {
  readonly settings: Settings;
  readonly #dataDir: string;
  readonly #stopping = new AbortController();
  #postmaster: Postmaster | null = null;

  constructor(settings: Settings, dataDir: string) {
    this.settings = settings;
    this.#dataDir = dataDir;
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Runs until the server ends. */
  async run(): Promise<void> {
    const { settings } = this;
    if (settings.ignored.length > 0) log('warn', `these options have no effect here: ${settings.ignored.join(' ')}`);
    await mkdir(this.#dataDir, { recursive: true });
    const account = await chooseAccount();
    const cluster = await openCluster(this.#dataDir, account);
    if (await endLeftover(cluster.pgdata, cluster.name))
      log('warn', 'ended a PostgreSQL that an earlier start left behind');
    const binaries = await findBinaries(account, this.#dataDir);
    const isFirst = !(await isInitialised(cluster));
    if (isFirst) await initialise(cluster, binaries, settings, account, this.#stopping.signal);
    const port = await start(binaries, cluster, settings, (postmaster) => {
      this.#postmaster = postmaster;
      if (this.isStopping) void postmaster.stop();
    });
    if (isFirst) {
      await firstStart(settings, port);
      await markInitialised(cluster);
    }
    console.log(`ready on 127.0.0.1:${port}`);
    const code = await this.#postmaster?.ended;
    throw new Error(`it ended by itself with code ${code}; its last log lines say why`);
  }

  /** Ends it cleanly, within the 5 s that a program gets. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#postmaster?.stop();
    if (this.settings.dataDir === null) await rm(this.#dataDir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2));
  const dataDir = settings.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'flotilla-postgres-')));
  const program = new Program(settings, dataDir);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!program.isStopping) void program.stop().then(() => process.exit(0));
    });
  }
  try {
    await program.run();
  } catch (error) {
    // What breaks because it is being ended is no failure; the signal's own handler exits.
    if (program.isStopping) return;
    await program.stop();
    throw error;
  }
}

main().catch((error: Error) => {
  console.error(`PostgreSQL does not run: ${error.message.replace(/\.$/, '')}.`);
  process.exit(1);
});
