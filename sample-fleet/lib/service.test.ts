import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

let folder: string;
let probe: ChildProcess;
let lines: Array<{ msg: string; address?: string }>;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-service-'));
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: folder,
      rolldownOptions: {
        input: join(import.meta.dirname, 'testing/probe.ts'),
        checks: { eval: false },
        output: { format: 'cjs', entryFileNames: 'probe.cjs' },
      },
    },
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  lines = [];
  probe = spawn(process.execPath, [join(folder, 'probe.cjs')], {
    env: { ...process.env, HOST: '127.0.0.1', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (probe.stdout === null) throw new Error('the probe has no stdout');
  createInterface(probe.stdout).on('line', (line) => {
    lines.push(JSON.parse(line));
    probe.emit('line');
  });
  url = (await lineWith('is listening')).address ?? '';
});

afterEach(() => {
  probe.kill('SIGKILL');
});

/** The first line whose message holds `text`, waited for. */
async function lineWith(text: string): Promise<{ msg: string; address?: string }> {
  for (;;) {
    const found = lines.find(({ msg }) => msg.includes(text));
    if (found !== undefined) return found;
    await once(probe, 'line');
  }
}

async function answerOf(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url + path);
  return { status: response.status, body: await response.json() };
}

test('is alive while it starts, but not ready, and answers 503', async () => {
  expect(await answerOf('/health/live')).toEqual({ status: 200, body: { status: 'live' } });
  expect(await answerOf('/health/ready')).toEqual({ status: 503, body: { status: 'starting', checks: {} } });
  expect((await answerOf('/slow')).status).toBe(503);
  probe.kill('SIGHUP');
  await lineWith('is ready');
  expect(await answerOf('/health/ready')).toEqual({ status: 200, body: { status: 'ready', checks: {} } });
});

test('on SIGTERM it finishes what is in flight, takes nothing new, stops and exits with 0', async () => {
  probe.kill('SIGHUP');
  await lineWith('is ready');
  const slow = answerOf('/slow');
  await lineWith('slow request arrived');
  probe.kill('SIGTERM');
  await lineWith('is draining');
  const tryNew = (): Promise<string> =>
    answerOf('/health/live').then(
      () => 'answered',
      () => 'refused',
    );
  await expect.poll(tryNew, { timeout: 4_000 }).toBe('refused');
  expect(lines.some(({ msg }) => msg === 'stop was called')).toBe(false);
  const exit = once(probe, 'exit');
  probe.kill('SIGUSR2');
  expect(await slow).toEqual({ status: 200, body: { finished: true } });
  await lineWith('stop was called');
  expect(await exit).toEqual([0, null]);
});
