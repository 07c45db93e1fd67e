import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type ProcessEntry, ProcessForest, parsePsLine, parseStat, processTable } from './process-table.ts';

describe('parseStat', () => {
  const fields = (state: string, command = 'node') =>
    `4711 (${command}) ${state} 1 4711 4710 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 11 0 987654 1000000 2500 18446744073709551615`;

  it('reads a line of /proc/PID/stat', () => {
    expect(parseStat(fields('S'), 'boot')).toEqual({
      pid: 4711,
      parent: 1,
      group: 4711,
      session: 4710,
      identity: 'boot/987654',
      stopped: false,
      cpuMs: 2000,
      residentBytes: 2500 * 4096,
    });
  });

  it('is not misled by the name of a command', () => {
    expect(parseStat(fields('T', 'a) Z 1 (b'), 'boot')).toMatchObject({ pid: 4711, stopped: true, parent: 1 });
  });

  it.each(['Z', 'X'])('takes state %s for ended', (state) => {
    expect(parseStat(fields(state), 'boot')).toBeNull();
  });
});

describe('parsePsLine', () => {
  it('reads what ps of macOS prints', () => {
    const line = '  501   1  501      0 Ss+   12345   1:02.50 Sun Nov 22 14:00:00 2026    ';
    expect(parsePsLine(line)).toEqual({
      pid: 501,
      parent: 1,
      group: 501,
      session: 501,
      identity: 'Sun Nov 22 14:00:00 2026',
      stopped: false,
      cpuMs: 62_500,
      residentBytes: 12_345 * 1024,
    });
  });

  it('reads what ps of Linux prints, days included, and passes over what has ended', () => {
    expect(parsePsLine('7 1 7 7 T 1 1-00:00:01 Sun Nov 22 14:00:00 2026')).toMatchObject({
      cpuMs: 86_401_000,
      stopped: true,
    });
    expect(parsePsLine('7 1 7 7 Z+ 1 0:00 Sun Nov 22 14:00:00 2026')).toBeNull();
    expect(parsePsLine('')).toBeNull();
  });
});

describe('ProcessForest', () => {
  const entry = (pid: number, parent: number, group: number): ProcessEntry => ({
    pid,
    parent,
    group,
    session: group,
    identity: `i/${pid}`,
    stopped: false,
    cpuMs: 0,
    residentBytes: 0,
  });

  it('holds descendants wherever they went, and orphans that stayed in the group', () => {
    const all = [
      entry(1, 0, 1),
      entry(10, 1, 10),
      entry(11, 10, 10),
      entry(12, 11, 12),
      entry(13, 1, 10),
      entry(20, 1, 20),
    ];
    expect(
      new ProcessForest(all)
        .treeOf(10)
        .map((one) => one.pid)
        .toSorted((a, b) => a - b),
    ).toEqual([10, 11, 12, 13]);
  });
});

describe('the table of this machine', () => {
  it('knows this process, its children and what they were started with', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      env: { MARK: 'yes' },
      stdio: 'ignore',
    });
    const pid = child.pid ?? 0;
    const table = processTable();
    const [one, all] = [await table.one(pid), await table.all()];
    expect(one).toMatchObject({ pid, parent: process.pid, stopped: false });
    expect(all.find((entry) => entry.pid === pid)?.identity).toBe(one?.identity);
    if (process.platform === 'linux') {
      expect([table.hasVariable(pid, 'MARK=yes'), table.hasVariable(pid, 'MARK=ye')]).toEqual([true, false]);
    }
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(await table.one(pid)).toBeNull();
  });
});
