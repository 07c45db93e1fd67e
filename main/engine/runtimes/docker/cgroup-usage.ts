import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Usage } from './usage.ts';

/** Where the kernel counts what a container uses (cgroups(7)); of one whose processes this machine's kernel runs. */
export interface CgroupPlace {
  readonly pid: number;
  readonly version: 1 | 2;
  readonly cpu: string;
  readonly memory: string;
  readonly disk: string | null;
}

const MOUNT = '/sys/fs/cgroup';
/** Larger numbers are the kernel's way of saying "no limit". */
const NO_LIMIT = 2 ** 60;

/**
 * The cgroup of a container's first process; null where it cannot be read, or where the number means another process, as
 * it does when the engine runs in a machine of its own.
 */
export function cgroupPlace(pid: number, containerId: string, root = ''): CgroupPlace | null {
  const text = read(`${root}/proc/${pid}/cgroup`);
  if (text === null || !text.includes(containerId)) return null;
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path !== undefined) for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  const at = (controller: string, file: string): string | null => {
    const path = paths.get(controller);
    if (path === undefined) return null;
    const folder = join(root, MOUNT, controller, path);
    return existsSync(join(folder, file)) ? folder : null;
  };
  const [cpu, memory] = [at('cpuacct', 'cpuacct.usage'), at('memory', 'memory.usage_in_bytes')];
  if (cpu !== null && memory !== null) {
    return { pid, version: 1, cpu, memory, disk: at('blkio', 'blkio.throttle.io_service_bytes') };
  }
  const unified = paths.get('');
  if (unified === undefined) return null;
  const folder = [join(root, MOUNT, unified), join(root, MOUNT, 'unified', unified)].find((one) =>
    ['cpu.stat', 'memory.current'].every((file) => existsSync(join(one, file))),
  );
  return folder === undefined ? null : { pid, version: 2, cpu: folder, memory: folder, disk: folder };
}

/** What it has used: a handful of small files, some 0.1 ms. Null when it has ended. */
export function cgroupUsage(place: CgroupPlace, root = ''): Usage | null {
  const cpuNs = place.version === 1 ? number(join(place.cpu, 'cpuacct.usage')) : cpuOf2(place.cpu);
  const memory = place.version === 1 ? memoryOf1(place.memory) : memoryOf2(place.memory);
  if (cpuNs === null || memory === null) return null;
  return { cpuNs, ...memory, network: networkOf(place.pid, root), disk: diskOf(place) };
}

function cpuOf2(folder: string): number | null {
  const microseconds = field(read(join(folder, 'cpu.stat')) ?? '', 'usage_usec');
  return microseconds === null ? null : microseconds * 1000;
}

type Memory = Pick<Usage, 'memoryBytes' | 'memoryLimitBytes'>;

/** As `docker stats` has it: without what is only cached of files and could be given up. */
function memoryOf1(folder: string): Memory | null {
  const used = number(join(folder, 'memory.usage_in_bytes'));
  if (used === null) return null;
  const cached = field(read(join(folder, 'memory.stat')) ?? '', 'total_inactive_file') ?? 0;
  return {
    memoryBytes: Math.max(0, used - cached),
    memoryLimitBytes: limit(number(join(folder, 'memory.limit_in_bytes'))),
  };
}

function memoryOf2(folder: string): Memory | null {
  const used = number(join(folder, 'memory.current'));
  if (used === null) return null;
  const cached = field(read(join(folder, 'memory.stat')) ?? '', 'inactive_file') ?? 0;
  // `max` is no number.
  return { memoryBytes: Math.max(0, used - cached), memoryLimitBytes: limit(number(join(folder, 'memory.max'))) };
}

const limit = (bytes: number | null): number | null => (bytes === null || bytes >= NO_LIMIT ? null : bytes);

/** All interfaces of its network but the loopback: proc_pid_net(5). Null where that may not be read. */
function networkOf(pid: number, root: string): Usage['network'] {
  const text = read(`${root}/proc/${pid}/net/dev`);
  if (text === null) return null;
  let [inBytes, outBytes] = [0, 0];
  for (const line of text.split('\n')) {
    const [, name, counters = ''] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || name === 'lo') continue;
    const columns = counters.trim().split(/\s+/);
    inBytes += Number(columns[0] ?? 0);
    outBytes += Number(columns[8] ?? 0);
  }
  return { inBytes, outBytes };
}

function diskOf({ version, disk }: CgroupPlace): Usage['disk'] {
  if (disk === null) return null;
  const text = read(join(disk, version === 1 ? 'blkio.throttle.io_service_bytes' : 'io.stat'));
  if (text === null) return null;
  const sum = (pattern: RegExp): number =>
    [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  return version === 1
    ? { inBytes: sum(/^\d+:\d+ Read (\d+)$/gm), outBytes: sum(/^\d+:\d+ Write (\d+)$/gm) }
    : { inBytes: sum(/\brbytes=(\d+)/g), outBytes: sum(/\bwbytes=(\d+)/g) };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

function number(path: string): number | null {
  const value = Number.parseInt(read(path) ?? '', 10);
  return Number.isNaN(value) ? null : value;
}

function field(text: string, name: string): number | null {
  const value = new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1];
  return value === undefined ? null : Number(value);
}
