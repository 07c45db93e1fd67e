import { readFile } from 'node:fs/promises';

export interface Usage {
  readonly cpuMs: number;
  /** Resident pages, those that it shares with other processes included. */
  readonly memoryBytes: number;
  /** Its own pages, and of those that it shares with others (the code of Node or Chromium) its part: proc(5), smaps_rollup. */
  readonly ownBytes: number;
}

/** Linux counts in hundredths of a second whatever the kernel's own tick is (USER_HZ, proc(5)). */
const TICK_MS = 10;

const kibOf = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

/** CPU time so far and memory of a process of this user. Linux only. */
export async function processUsage(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    memoryBytes: kibOf(status, 'VmRSS') * 1024,
    ownBytes: kibOf(rollup, 'Pss') * 1024,
  };
}
