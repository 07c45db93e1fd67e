import { type SpawnOptions, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chown, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Account, canEnter } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Settings } from './settings.ts';

/** A data folder and how to run PostgreSQL's programs on it. */
export interface Cluster {
  /** Where the files are, for this program. */
  readonly pgdata: string;
  /** How PostgreSQL is told: the same, or where it cannot come by that way, `/proc/self/cwd`. */
  readonly pgdataArgument: string;
  /** Unique to this data folder: tells its processes from those of others. */
  readonly name: string;
  readonly spawnOptions: SpawnOptions;
}

const MARK = 'initialised';

/** Variables that PostgreSQL's programs need; those of the service (PGPORT, PGDATA and the like) would mislead them. */
function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TZ, TMPDIR, SystemRoot, LD_PRELOAD, FAKETIME, FAKETIME_DONT_FAKE_MONOTONIC, DONT_FAKE_MONOTONIC } =
    process.env;
  const clock = { LD_PRELOAD, FAKETIME, FAKETIME_DONT_FAKE_MONOTONIC, DONT_FAKE_MONOTONIC };
  // A fault may have moved its clock.
  return { PATH, TZ, TMPDIR, SystemRoot, LC_ALL: 'C', ...(FAKETIME === undefined ? {} : clock) };
}

/**
 * Prepares the data folder for an account. A program that runs under another account cannot come to a folder below root's
 * home by its path, but it can be started in it: its working directory is taken on before the account changes, and
 * `/proc/self/cwd` leads there without passing the folders above.
 */
export async function openCluster(dataDir: string, account: Account): Promise<Cluster> {
  const folder = await realpath(dataDir);
  const pgdata = path.join(folder, 'pgdata');
  await mkdir(pgdata, { recursive: true, mode: 0o700 });
  if (account) for (const one of [folder, pgdata]) await chown(one, account.uid, account.gid);
  const isReachable = await canEnter(pgdata, account);
  if (!isReachable && process.platform !== 'linux')
    throw new Error(`the account that runs PostgreSQL cannot enter ${folder}`);
  return {
    pgdata,
    pgdataArgument: isReachable ? pgdata : '/proc/self/cwd',
    name: `flotilla-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`,
    spawnOptions: { ...account, cwd: pgdata, env: programEnvironment() },
  };
}

/** Whether an earlier start finished what it does once: initdb and the scripts. */
export async function isInitialised(cluster: Cluster): Promise<boolean> {
  const mark = path.join(path.dirname(cluster.pgdata), MARK);
  return access(mark).then(
    () => true,
    () => false,
  );
}

export async function markInitialised(cluster: Cluster): Promise<void> {
  await writeFile(path.join(path.dirname(cluster.pgdata), MARK), '');
}

/** Runs a program to its end. Throws an Error with what it wrote last. */
function runToEnd(program: string, args: readonly string[], options: SpawnOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            `${path.basename(program)} failed: ${errors.trim().split('\n').slice(-3).join(' ') || `code ${code}`}`,
          ),
        );
    });
  });
}

/** Makes a new cluster with the superuser and the rule for who may connect. What a broken first start left goes first. */
export async function initialise(
  cluster: Cluster,
  binaries: Binaries,
  settings: Settings,
  account: Account,
  signal: AbortSignal,
): Promise<void> {
  const { pgdata, pgdataArgument, spawnOptions } = cluster;
  await rm(pgdata, { recursive: true, force: true });
  await mkdir(pgdata, { mode: 0o700 });
  const passwordFile = path.join(path.dirname(pgdata), 'superuser-password');
  await writeFile(passwordFile, `${settings.password}\n`, { mode: 0o600 });
  if (account) for (const one of [pgdata, passwordFile]) await chown(one, account.uid, account.gid);
  const method = settings.trustsAll ? 'trust' : 'scram-sha-256';
  try {
    const args = [
      `--pgdata=${pgdataArgument}`,
      `--username=${settings.user}`,
      // Relative, so that it is found from the data folder whatever lies above.
      `--pwfile=${path.join('..', path.basename(passwordFile))}`,
      `--auth=${method}`,
      '--encoding=UTF8',
      // PostgreSQL's own locale: the same order and case rules on every machine, whatever the system has installed.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ];
    await runToEnd(binaries.initdb, args, { ...spawnOptions, signal });
  } finally {
    await rm(passwordFile, { force: true });
  }
}
