import { readdir, readFile, readlink } from 'node:fs/promises';

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
  /** It carries a mark itself, rather than being a descendant of one that does. */
  readonly marked: boolean;
}

interface Entry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly environment: string;
}

async function entryOf(pid: number): Promise<Entry | null> {
  const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const stat = await read('stat');
  // The command's name stands in brackets and may hold anything.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || parent === undefined || state === 'Z') return null;
  return { pid, parent: Number(parent), command: await read('cmdline'), environment: await read('environ') };
}

/**
 * Processes of this machine that have one of the marks in their environment or command, and their descendants, by what
 * Linux tells of them; this process and its ancestors are left out. Elsewhere nothing can be told and the list is empty.
 */
export async function processesWith(marks: ReadonlySet<string>): Promise<FoundProcess[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  const entries = (await Promise.all(pids.map(entryOf))).filter((one) => one !== null);
  const isMarked = ({ command, environment }: Entry): boolean =>
    [...marks].some((mark) => environment.includes(mark) || command.includes(mark));
  const found = new Map(entries.filter(isMarked).map((one) => [one.pid, { ...one, marked: true }]));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const one of entries)
      if (found.has(one.parent) && !found.has(one.pid)) found.set(one.pid, { ...one, marked: false });
  }
  return [...found.values()].map(({ pid, command, marked }) => ({
    pid,
    command: command.replaceAll('\0', ' '),
    marked,
  }));
}

/** TCP ports that are listened on, by inode of the socket. */
async function listening(): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  for (const table of ['tcp', 'tcp6']) {
    const lines = (await readFile(`/proc/net/${table}`, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const line of lines) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === '0A' && local && inode) ports.set(inode, Number.parseInt(local.split(':')[1] ?? '', 16));
    }
  }
  return ports;
}

/** The ports that these processes listen on. */
export async function portsOf(processes: readonly FoundProcess[]): Promise<Set<number>> {
  const ports = await listening();
  const found = new Set<number>();
  for (const { pid } of processes) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      const port = ports.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '');
      if (port !== undefined) found.add(port);
    }
  }
  return found;
}

/** Which of these ports somebody listens on. */
export async function stillListening(ports: ReadonlySet<number>): Promise<number[]> {
  return [...new Set((await listening()).values())].filter((port) => ports.has(port));
}
