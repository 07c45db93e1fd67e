import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cgroupPlace, cgroupUsage } from './cgroup-usage.ts';

const ID = 'a'.repeat(64);
const NET = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     999       9    0    0    0     0          0         0      999       9    0    0    0     0       0          0
  eth0:    1000       9    0    0    0     0          0         0      300       9    0    0    0     0       0          0
  eth1: 5 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0
`;

describe('what the kernel counts of a container', () => {
  let root = '';
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'flotilla-cgroup-'));
    put('/proc/77/net/dev', NET);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is read from cgroups of version 1', () => {
    put(
      '/proc/77/cgroup',
      `7:blkio:/docker/${ID}\n4:memory:/docker/${ID}\n2:cpu,cpuacct:/docker/${ID}\n0::/docker/${ID}\n`,
    );
    const at = (controller: string, file: string, text: string) =>
      put(`/sys/fs/cgroup/${controller}/docker/${ID}/${file}`, text);
    at('cpuacct', 'cpuacct.usage', '5000000000\n');
    at('memory', 'memory.usage_in_bytes', '3000\n');
    at('memory', 'memory.stat', 'cache 1\ninactive_file 5\ntotal_inactive_file 1000\n');
    at('memory', 'memory.limit_in_bytes', '9223372036854771712\n');
    at('blkio', 'blkio.throttle.io_service_bytes', '8:0 Read 10\n8:0 Write 20\n8:16 Read 1\n8:16 Write 2\nTotal 33\n');
    const place = cgroupPlace(77, ID, root);
    expect(place && cgroupUsage(place, root)).toEqual({
      cpuNs: 5e9,
      memoryBytes: 2000,
      memoryLimitBytes: null,
      network: { inBytes: 1005, outBytes: 307 },
      disk: { inBytes: 11, outBytes: 22 },
    });
  });

  it('is read from cgroups of version 2', () => {
    const path = `/system.slice/docker-${ID}.scope`;
    put('/proc/77/cgroup', `0::${path}\n`);
    const at = (file: string, text: string) => put(`/sys/fs/cgroup${path}/${file}`, text);
    at('cpu.stat', 'usage_usec 5000000\nuser_usec 1\n');
    at('memory.current', '3000\n');
    at('memory.stat', 'anon 1\ninactive_file 1000\n');
    at('memory.max', '67108864\n');
    at('io.stat', '8:0 rbytes=10 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n');
    const place = cgroupPlace(77, ID, root);
    expect(place && cgroupUsage(place, root)).toMatchObject({
      cpuNs: 5e9,
      memoryBytes: 2000,
      memoryLimitBytes: 67_108_864,
      disk: { inBytes: 10, outBytes: 20 },
    });
  });

  it('is not that of a process which only has the same number', () => {
    put('/proc/77/cgroup', '0::/user.slice/session-1.scope\n');
    expect(cgroupPlace(77, ID, root)).toBeNull();
    expect(cgroupPlace(78, ID, root)).toBeNull();
  });
});
