import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const LOOK_EVERY_MS = 50;
/** How long a postmaster gets for each way of stopping it: cutting off sessions, then without a checkpoint, then at once. */
const STEPS: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 4000],
  ['SIGQUIT', 3000],
  ['SIGKILL', 3000],
];

/** The command line of a process; null when there is none. */
async function commandLine(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux')
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ') || null;
    return (await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout.trim() || null;
  } catch {
    return null;
  }
}

/**
 * Ends a postmaster that an earlier start left behind: when this program was killed, its PostgreSQL went on. It is known by
 * its pid file and by the cluster's name, unique to this data folder, on its command line, so that no stranger with a
 * reused pid is touched. A pid file without its process is removed, as PostgreSQL would refuse to start over it if the pid
 * now meant something else.
 *
 * @returns whether one was found
 */
export async function endLeftover(pgdata: string, clusterName: string): Promise<boolean> {
  const pidFile = path.join(pgdata, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return false;
  const pid = Number(text.split('\n')[0]);
  const isOurs = async () => pid > 0 && ((await commandLine(pid))?.includes(`cluster_name=${clusterName}`) ?? false);
  if (!(await isOurs())) {
    await rm(pidFile, { force: true });
    return false;
  }
  for (const [signal, patienceMs] of STEPS) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It ended just now, which the look below sees.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    const until = performance.now() + patienceMs;
    while (performance.now() < until) {
      if (!(await isOurs())) {
        await rm(pidFile, { force: true });
        return true;
      }
      await pause(LOOK_EVERY_MS);
    }
  }
  throw new Error(`a PostgreSQL of an earlier start (pid ${pid}) still holds ${pgdata} and does not end`);
}
