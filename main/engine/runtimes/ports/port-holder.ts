import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const LISTEN = '0A';

/** Who listens on a TCP port of this machine: ` by node (pid 4711)`; empty when it cannot be known (another user's). */
export async function portHolder(port: number): Promise<string> {
  try {
    const found = process.platform === 'linux' ? await fromProc(port) : await fromLsof(port);
    return found === null ? '' : ` by ${found.name} (pid ${found.pid})`;
  } catch {
    return '';
  }
}

interface Holder {
  readonly name: string;
  readonly pid: number;
}

/** The socket's inode from /proc/net/tcp (proc_pid_net(5)), then the process that has it open. */
async function fromProc(port: number): Promise<Holder | null> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'latin1').catch(() => '')),
  );
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return null;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || !inodes.has(inode)) continue;
      const name = await readFile(`/proc/${pid}/comm`, 'latin1').catch(() => 'a process');
      return { name: name.trim(), pid: Number(pid) };
    }
  }
  return null;
}

/** The inodes of the sockets that listen on the port, from the text of /proc/net/tcp or tcp6. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.split(':')[1] === wanted && columns[3] === LISTEN)
    .flatMap((columns) => columns[9] ?? []);
}

async function fromLsof(port: number): Promise<Holder | null> {
  const { stdout } = await promisify(execFile)('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    timeout: 3000,
  });
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  const name = /^c(.+)$/m.exec(stdout)?.[1];
  return pid === undefined ? null : { name: name ?? 'a process', pid: Number(pid) };
}
