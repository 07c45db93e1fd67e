import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { expect, it, vi } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { ContainerLog } from './container-log.ts';

/** A container's log in which the same line stands again and again, as an engine sends it. */
function endless(line: string, sent: { lines: number }): Readable {
  const payload = Buffer.from(`2026-11-22T16:59:10.817488347Z ${line}\n`);
  const header = Buffer.alloc(8);
  header[0] = 1;
  header.writeUInt32BE(payload.length, 4);
  const frame = Buffer.concat([header, payload]);
  return new Readable({
    highWaterMark: 1,
    read() {
      sent.lines += 1;
      this.push(frame);
    },
  });
}

it.each([
  ['long', 1_000_000, 30],
  ['short', 10, 5100],
])('reads no more %s lines than it may hold until they are kept', async (_, length, most) => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-container-log-'));
  const sent = { lines: 0 };
  const docker = {
    modem: {
      dial: (_request: object, done: (error: unknown, stream: unknown) => void) =>
        done(null, endless('x'.repeat(length), sent)),
    },
  } as unknown as Dockerode;
  const waiting: (() => void)[] = [];
  const log = new ContainerLog({
    docker,
    instance: { service: ServiceId.parse('a'), index: 1 },
    containerId: 'c',
    tty: false,
    positionFile: join(folder, 'a-1.position'),
    runs: () => true,
    log: () => new Promise((kept) => waiting.push(kept)),
  });
  try {
    log.follow();
    let before = -1;
    await vi.waitFor(
      () => {
        const [now, last] = [sent.lines, before];
        before = now;
        expect([now > 0, now]).toEqual([true, last]);
      },
      { timeout: 10_000, interval: 100 },
    );
    expect(sent.lines).toBeLessThan(most);
    for (const kept of waiting.splice(0)) kept();
    await vi.waitFor(() => expect(sent.lines).toBeGreaterThan(before));
  } finally {
    for (const kept of waiting) kept();
    const closed = log.close();
    for (const kept of waiting) kept();
    await closed;
    await rm(folder, { recursive: true, force: true });
  }
});
