import { readFile } from 'node:fs/promises';

export interface Usage {
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** Linux counts in hundredths of a second whatever the kernel's own tick is (USER_HZ, proc(5)). */
const TICK_MS = 10;

/** CPU time so far and resident memory of a process. Linux only. */
export async function processUsage(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, memoryBytes: kib * 1024 };
}
