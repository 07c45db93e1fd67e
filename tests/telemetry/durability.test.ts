import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TraceSummary } from '../../main/contract/index.ts';
import { SpanBatches } from '../bench/ingest/span-batches.ts';
import { openTelemetry } from './open-telemetry.ts';
import { startHost, type TelemetryHost } from './start-host.ts';

const batchSpans = 512;
let home: string;
let host: TelemetryHost | null = null;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'flotilla-telemetry-'));
});
afterEach(async () => {
  await host?.kill();
  host = null;
  await rm(home, { recursive: true, force: true });
});

async function post(target: TelemetryHost, body: Buffer): Promise<number> {
  const response = await fetch(`${target.otlp.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(body),
  });
  await response.arrayBuffer();
  return response.status;
}

const range = { lastMs: 3_600_000 };
const search = (target: TelemetryHost) =>
  target.ask<TraceSummary[]>('traces.search', { query: '', range, limit: 1000, sort: 'newest' });

test('what was stored a second ago survives a kill, and the run goes on', async () => {
  host = await startHost({ home, runId: 'run' });
  const batches = new SpanBatches(batchSpans, 1);
  expect(await post(host, batches.next(Date.now()))).toBe(200);
  await vi.waitFor(() => expect(host?.pulse?.spans).toBe(batchSpans), 5000);
  await host.kill();

  host = await startHost({ home, runId: 'run' });
  await vi.waitFor(() => expect(host?.pulse?.spans).toBe(batchSpans), 5000);
  expect(await search(host)).toHaveLength(batchSpans / 8);
  expect(await post(host, batches.next(Date.now()))).toBe(200);
  await vi.waitFor(() => expect(host?.pulse?.spans).toBe(batchSpans * 2), 5000);
});

test('a kill in the middle of a flood loses nothing but the last moment', async () => {
  const flooded = await startHost({ home, runId: 'run' });
  host = flooded;
  const batches = new SpanBatches(batchSpans, 1);
  let acknowledged = 0;
  while ((flooded.pulse?.spans ?? 0) < 60_000) {
    const senders = Array.from({ length: 16 }, () => post(flooded, batches.next(Date.now())));
    expect(new Set(await Promise.all(senders))).toEqual(new Set([200]));
    acknowledged += senders.length * batchSpans;
  }
  const stored = host.pulse?.spans ?? 0;
  await host.kill();
  host = await startHost({ home, runId: 'run' });
  await vi.waitFor(() => expect(host?.pulse).not.toBeNull(), 5000);
  expect(host.pulse?.spans).toBeGreaterThanOrEqual(stored);
  expect(host.pulse?.spans).toBeLessThanOrEqual(acknowledged);
  expect(await search(host)).toHaveLength(1000);
});

test('a damaged file is put aside and said to be; telemetry works on', async () => {
  const folder = join(home, 'runs/run');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'telemetry.duckdb'), Buffer.alloc(100_000, 7));
  host = await startHost({ home, runId: 'run' });
  await vi.waitFor(() => expect(host?.problems.map(({ code }) => code)).toEqual(['STORE_DAMAGED']), 5000);
  expect(await post(host, new SpanBatches(batchSpans, 1).next(Date.now()))).toBe(200);
  await vi.waitFor(() => expect(host?.pulse?.spans).toBe(batchSpans), 5000);
});

test('a file that another engine holds is not taken for damaged', async () => {
  host = await startHost({ home, runId: 'run' });
  await expect(openTelemetry({ home })).rejects.toThrow(/lock/);
  expect(await readdir(join(home, 'runs/run'))).not.toContainEqual(expect.stringContaining('damaged'));
  expect(await post(host, new SpanBatches(batchSpans, 1).next(Date.now()))).toBe(200);
});

/** A small file system to fill. Gives what is in the way of one, or null. */
function mountTmpfs(path: string): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', path], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

describe('a full disk', () => {
  /** Runs work with the home on a small file system of its own; skips where there cannot be one. */
  async function onSmallDisk(skip: (why: string) => void, work: () => Promise<void>): Promise<void> {
    const why = mountTmpfs(home);
    if (why !== null) {
      console.log(`skipped: a tmpfs cannot be mounted here (${why})`);
      skip(`a tmpfs cannot be mounted here: ${why}`);
      return;
    }
    try {
      await work();
    } finally {
      await host?.kill();
      host = null;
      execFileSync('umount', [home]);
    }
  }

  test('is reported and answered with 503; what is stored stays, and it recovers by itself', (context) =>
    onSmallDisk(context.skip, fillAndRecover));

  test('from the start on is said in so many words', (context) =>
    onSmallDisk(context.skip, async () => {
      const { bavail, bsize } = await statfs(home);
      await writeFile(join(home, 'ballast'), Buffer.alloc(bavail * bsize - 8192));
      await expect(openTelemetry({ home })).rejects.toMatchObject({ code: 'DISK_FULL' });
    }));

  async function fillAndRecover(): Promise<void> {
    const target = await startHost({ home, runId: 'run' });
    host = target;
    const batches = new SpanBatches(batchSpans, 1);
    expect(await post(target, batches.next(Date.now()))).toBe(200);
    await vi.waitFor(() => expect(target.pulse?.spans).toBe(batchSpans), 5000);

    const ballast = await open(join(home, 'ballast'), 'w');
    const { bavail, bsize } = await statfs(home);
    await ballast.write(Buffer.alloc(bavail * bsize - 4096));
    let stored = batchSpans;
    await vi.waitFor(
      async () => {
        const status = await post(target, batches.next(Date.now()));
        if (status === 200) stored += batchSpans;
        expect(status).toBe(503);
      },
      { timeout: 10_000, interval: 50 },
    );
    await vi.waitFor(() => expect(target.problems.map(({ code }) => code)).toEqual(['DISK_FULL']), 5000);
    expect(await search(target)).not.toHaveLength(0);

    await ballast.truncate(0);
    await ballast.close();
    await vi.waitFor(() => expect(target.problems).toEqual([]), 10_000);
    expect(await post(target, batches.next(Date.now()))).toBe(200);
    await vi.waitFor(() => expect(target.pulse?.spans).toBe(stored + batchSpans), 5000);
  }
});
