import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { LOG_LINE_PREFIX, LogLines, type PostgresLog } from './log-lines.ts';
import type { Settings } from './settings.ts';

/**
 * A server for a laptop's fleet, not for data that anyone would miss.
 */
const CONFIGURATION: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // No Unix sockets: they need a folder with a short path, and all clients here come by TCP.
  unix_socket_directories: '',
  // Shared memory as files of the data's folder, gone with it: a server that was killed leaves segments of the system behind.
  dynamic_shared_memory_type: 'mmap',
  // A few databases of some megabytes: more would only take memory from the services.
  shared_buffers: '32MB',
  // A dozen services with a pool each, and several copies of some.
  max_connections: '200',
  // Only a crash of the whole machine can lose data by this, which a demo can bear. In return no commit waits for the disk.
  // synchronous_commit stays on: a commit is then handed to the system before it is confirmed, which costs little without
  // fsync, and killing the server on purpose does not lose what it confirmed.
  fsync: 'off',
  full_page_writes: 'off',
  // Fewer helper processes: reads are from the system's cache here, compiling queries takes longer than running them.
  io_method: 'sync',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_wal_size: '256MB',
  log_checkpoints: 'off',
  log_destination: 'stderr',
  log_line_prefix: LOG_LINE_PREFIX,
  lc_messages: 'C',
};

const READY = 'database system is ready to accept connections';
/** With the 5 s that a program gets to stop, so that the hard way is still in time. */
const FAST_STOP_MS = 3500;
const FLUSH_AFTER_MS = 50;

/** Why PostgreSQL did not start, and whether another try may help. */
export class StartError extends Error {
  readonly kind: 'port' | 'memory' | 'other';

  constructor(kind: StartError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface Postmaster {
  /** Resolves when it accepts connections; rejects with a StartError when it ends before. */
  readonly ready: Promise<void>;
  /** Resolves with the exit code when it has ended, for whatever reason. */
  readonly ended: Promise<number | null>;
  /** Ends sessions and writes what is in memory; the hard way if that takes too long. */
  stop(): Promise<void>;
}

function reasonOf(fatal: readonly string[], port: number): StartError {
  const text = fatal.join('; ');
  if (/could not bind|could not create any TCP\/IP sockets/.test(text)) {
    return new StartError('port', `port ${port} on 127.0.0.1 is taken`);
  }
  // Left by sessions of a postmaster that was killed; they end by themselves within moments.
  if (/pre-existing shared memory block/.test(text)) return new StartError('memory', text);
  return new StartError('other', text === '' ? 'PostgreSQL ended without saying why' : text);
}

function readLog(child: ChildProcess, onRecord: (record: PostgresLog) => void): void {
  const lines = new LogLines(onRecord);
  let timer: NodeJS.Timeout | null = null;
  const flush = () => {
    timer = null;
    lines.flush();
  };
  for (const stream of [child.stderr, child.stdout]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (timer === null) timer = setTimeout(flush, FLUSH_AFTER_MS);
    });
  }
  child.on('close', flush);
}

/** Starts the server as this program's child. */
export function startPostmaster(
  binaries: Binaries,
  cluster: Cluster,
  { port, configuration }: Pick<Settings, 'port' | 'configuration'>,
  onLog: (record: PostgresLog) => void,
): Postmaster {
  const settings = { ...CONFIGURATION, ...configuration, cluster_name: cluster.name };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', cluster.pgdataArgument, '-p', String(port), ...args], {
    ...cluster.spawnOptions,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => resolve(code));
    child.on('error', () => resolve(null));
  });
  const ready = new Promise<void>((resolve, reject) => {
    const failures: string[] = [];
    child.on('error', (error) =>
      reject(new StartError('other', `${binaries.postgres} cannot be run: ${error.message}`)),
    );
    readLog(child, (record) => {
      if (record.level === 'fatal' || record.level === 'warn') failures.push(record.msg);
      onLog(record);
      if (record.msg.includes(READY)) resolve();
    });
    void ended.then(() => reject(reasonOf(failures.slice(0, 3), port)));
  });
  return { ready, ended, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // PostgreSQL's own meanings: SIGINT is a fast shutdown, SIGQUIT an immediate one.
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), FAST_STOP_MS);
  await ended;
  clearTimeout(timer);
}
