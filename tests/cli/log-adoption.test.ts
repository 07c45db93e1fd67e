import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LogRecord } from '../../main/contract/index.ts';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** Writes a line every few milliseconds: its process's number and how many lines it wrote before. */
const counter = `let n = 0; setInterval(() => console.log(process.pid + ' ' + n++), 4);`;
const fleet = `
name: counting
services:
  counter:
    image: node:20
    command: ["node", "-e", ${JSON.stringify(counter)}]
    restart: unless-stopped
`;

let flotilla: Flotilla;
let file: string;
beforeEach(async () => {
  flotilla = await makeFlotilla({ DISPLAY: undefined, WAYLAND_DISPLAY: undefined });
  file = join(flotilla.home, 'compose.yaml');
  await writeFile(file, fleet);
});
afterEach(() => flotilla.close());

async function up(): Promise<void> {
  const { code, stderr } = await flotilla.run('up', file, '--headless', '--runtime', 'process');
  expect(code, stderr).toBe(0);
}

async function killEngine(): Promise<void> {
  const { client, endpoint } = await flotilla.engine();
  client.close();
  process.kill(endpoint.pid, 'SIGKILL');
}

/** The numbers that were stored, by process. Of a process that runs its newest may still be on their way. */
async function stored(): Promise<Map<number, Set<number>>> {
  const lines = await flotilla.jsonLines<LogRecord>('logs', 'counter', '--query', 'source:stdout', '--limit', '5000');
  const found = new Map<number, Set<number>>();
  for (const { message } of lines) {
    const [pid = 0, n = 0] = message.split(' ').map(Number);
    found.set(pid, (found.get(pid) ?? new Set()).add(n));
  }
  return found;
}

const missing = (numbers: ReadonlySet<number>): number[] => {
  const most = Math.max(...numbers);
  return Array.from({ length: most }, (_, n) => n).filter((n) => !numbers.has(n));
};

test('no line is lost when the engine is killed, nor when the service was killed before', async () => {
  await up();
  // Killed alone; with its service; and with its service once that runs again.
  for (const [killed, lives] of [
    [false, 1],
    [true, 1],
    [true, 2],
  ] as const) {
    await vi.waitFor(async () => expect((await stored()).size).toBeGreaterThanOrEqual(lives), 20_000);
    if (killed) expect((await flotilla.run('kill', 'counter')).code).toBe(0);
    await killEngine();
    await up();
  }
  const found = await vi.waitFor(async () => {
    const now = await stored();
    expect(now.size).toBeGreaterThanOrEqual(3);
    return now;
  }, 20_000);
  for (const [pid, numbers] of found) expect([pid, missing(numbers)]).toEqual([pid, []]);
});
