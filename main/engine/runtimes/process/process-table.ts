import { execFile } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process as the system shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** The process group, and the session, by the pid of their first process. */
  readonly group: number;
  readonly session: number;
  /** The same for as long as the pid means the same process: boot and start time. A reused pid has another. */
  readonly identity: string;
  readonly stopped: boolean;
  /** Processor time since it started. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** What runs on this machine. A process that has ended and only waits to be collected is not in it. */
export interface ProcessTable {
  one(pid: number): Promise<ProcessEntry | null>;
  all(): Promise<ProcessEntry[]>;
  /** Those of these that run: cheaper than all. */
  some(pids: readonly number[]): Promise<ProcessEntry[]>;
  /** Memory that the process shares with others (libraries, PostgreSQL's buffers); 0 where it cannot be told. */
  sharedBytes(pid: number): number;
  /** Whether the process was started with this `NAME=value` in its environment; false where it cannot be told. */
  hasVariable(pid: number, assignment: string): boolean;
}

/** The table of the machine that this runs on. */
export function processTable(): ProcessTable {
  return process.platform === 'linux' ? linuxTable() : psTable();
}

// Linux counts processor time in USER_HZ, which is 100 on every architecture that Node runs on.
const MS_PER_TICK = 10;
const PAGE = 4096;
/** So many small files under /proc are read in about 5 ms. */
const READS_PER_TURN = 200;

function linuxTable(): ProcessTable {
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim() ?? 'boot';
  const entry = (pid: number): ProcessEntry | null => {
    const stat = readText(`/proc/${pid}/stat`);
    return stat === null ? null : parseStat(stat, boot);
  };
  return {
    one: async (pid) => entry(pid),
    async all() {
      const entries: ProcessEntry[] = [];
      let reads = 0;
      for (const name of readdirSync('/proc')) {
        if (!/^\d+$/.test(name)) continue;
        const found = entry(Number(name));
        if (found !== null) entries.push(found);
        reads += 1;
        if (reads % READS_PER_TURN === 0) await nextTurn();
      }
      return entries;
    },
    some: async (pids) => pids.flatMap((pid) => entry(pid) ?? []),
    sharedBytes(pid) {
      const shared = Number(readText(`/proc/${pid}/statm`)?.split(' ')[2]);
      return Number.isFinite(shared) ? shared * PAGE : 0;
    },
    hasVariable(pid, assignment) {
      return readText(`/proc/${pid}/environ`)?.split('\0').includes(assignment) ?? false;
    },
  };
}

const buffer = Buffer.allocUnsafe(64 * 1024);

/** A small file under /proc, whose size nobody knows beforehand; what is longer than 64 KB is cut. Null when it is gone. */
function readText(path: string): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null);
    }
    return buffer.toString('latin1', 0, length);
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** A line of /proc/PID/stat, proc_pid_stat(5); null for a process that has ended. Field n stands at index n - 3. */
export function parseStat(stat: string, boot: string): ProcessEntry | null {
  // The command's name stands in brackets and may itself hold brackets and blanks: the last one ends it.
  const end = stat.lastIndexOf(')');
  const pid = Number(stat.slice(0, stat.indexOf(' ')));
  const fields = stat.slice(end + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const state = fields[0];
  if (end < 0 || state === undefined || state === 'Z' || state === 'X') return null;
  return {
    pid,
    parent: field(4),
    group: field(5),
    session: field(6),
    identity: `${boot}/${fields[22 - 3]}`,
    stopped: state === 'T',
    cpuMs: (field(14) + field(15)) * MS_PER_TICK,
    residentBytes: field(24) * PAGE,
  };
}

const run = promisify(execFile);
const PS_COLUMNS = 'pid=,ppid=,pgid=,sess=,stat=,rss=,time=,lstart=';

function psTable(): ProcessTable {
  const ps = async (...which: string[]): Promise<ProcessEntry[]> => {
    try {
      const { stdout } = await run('ps', [...which, '-o', PS_COLUMNS], {
        env: { ...process.env, LC_ALL: 'C' },
        timeout: 5000,
        maxBuffer: 16 * 1024 * 1024,
      });
      return stdout.split('\n').flatMap((line) => parsePsLine(line) ?? []);
    } catch {
      // ps exits with 1 when there is no such process.
      return [];
    }
  };
  return {
    one: async (pid) => (await ps('-p', String(pid)))[0] ?? null,
    all: () => ps('-A'),
    some: async (pids) => (pids.length === 0 ? [] : ps('-p', pids.join(','))),
    sharedBytes: () => 0,
    hasVariable: () => false,
  };
}

/** A line of `ps -o pid,ppid,pgid,sess,stat,rss,time,lstart` without headings; null for a process that has ended. */
export function parsePsLine(line: string): ProcessEntry | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
  if (match === null) return null;
  const [, pid, parent, group, session, state = '', rss, time = '', started = ''] = match;
  if (state.startsWith('Z')) return null;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    // macOS gives an address, or 0: the group stands in for it, as what Flotilla starts leads both.
    session: Number(session) || Number(group),
    identity: started,
    stopped: state.startsWith('T'),
    cpuMs: parsePsTime(time),
    residentBytes: Number(rss) * 1024,
  };
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` in milliseconds. */
function parsePsTime(text: string): number {
  const [clock = '', days = '0'] = text.split('-').toReversed();
  const seconds = clock.split(':').reduce((total, part) => total * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}

/** Processes of one moment, by what they descend from. */
export class ProcessForest {
  readonly #byPid = new Map<number, ProcessEntry>();
  readonly #children = new Map<number, ProcessEntry[]>();
  readonly #groups = new Map<number, ProcessEntry[]>();

  constructor(all: readonly ProcessEntry[]) {
    for (const entry of all) {
      this.#byPid.set(entry.pid, entry);
      put(this.#children, entry.parent, entry);
      put(this.#groups, entry.group, entry);
    }
  }

  /** A process and all that descends from it or is in its group. */
  treeOf(leader: number): ProcessEntry[] {
    const first = this.#byPid.get(leader);
    const queue = [...(first ? [first] : []), ...(this.#groups.get(leader) ?? [])];
    const members = new Map<number, ProcessEntry>();
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      if (members.has(entry.pid)) continue;
      members.set(entry.pid, entry);
      queue.push(...(this.#children.get(entry.pid) ?? []));
    }
    return [...members.values()];
  }
}

function put(index: Map<number, ProcessEntry[]>, key: number, entry: ProcessEntry): void {
  const entries = index.get(key);
  if (entries) entries.push(entry);
  else index.set(key, [entry]);
}
