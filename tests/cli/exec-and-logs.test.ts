import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cli, type Flotilla, makeFlotilla } from '../support/flotilla.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const fleet = `
name: small
services:
  worker:
    image: node
    command: [node, -e, "console.log('at work'); setInterval(() => {}, 1e6)"]
    environment: { COLOUR: green }
  other: { image: node, command: [node, -e, "setInterval(() => {}, 1e6)"] }
`;

let flotilla: Flotilla;
let file: string;
beforeAll(async () => {
  flotilla = await makeFlotilla({ DISPLAY: undefined, WAYLAND_DISPLAY: undefined, SHELL: '/bin/sh' });
  file = join(flotilla.temporary, 'compose.yaml');
  await writeFile(file, fleet);
  const up = await flotilla.run('up', file, '--headless', '--runtime', 'process');
  expect(up.code, up.stderr).toBe(0);
});
afterAll(() => flotilla.close());

/** Runs the command line with something on its input. */
function runWith(input: string, ...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(process.execPath, [cli, ...args], { env: flotilla.env, stdio: ['pipe', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout })));
}

test('exec ends when its input does', async () => {
  // The command line's own stdin is /dev/null here.
  expect((await flotilla.run('exec', 'worker')).code).toBe(0);
  const { code, stdout } = await runWith('echo "it is $COLOUR"\nexit 7\n', 'exec', 'worker');
  expect([code, stdout.includes('it is green')]).toEqual([7, true]);
});

test('exec runs a command in the surroundings of a service and ends with its code', async () => {
  const script = 'process.stdout.write(process.env.COLOUR + "\\n"); process.exit(3)';
  expect(await flotilla.run('exec', 'worker', '--', 'node', '-e', script)).toMatchObject({
    code: 3,
    stdout: 'green\n',
  });
  const none = await flotilla.run('exec', 'worker', '--', 'no-such-command');
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('no-such-command')]);
  const killed = await flotilla.run('exec', 'worker', '--', 'node', '-e', 'process.kill(process.pid, "SIGKILL")');
  expect(killed.code).toBe(137);
});

test('logs of a service that there is none of names those that there are', async () => {
  const { code, stderr } = await flotilla.run('logs', 'worker', 'wroker');
  expect(code).toBe(1);
  expect(stderr).toContain('wroker');
  expect(stderr).toContain('worker, other');
  const known = await flotilla.run('logs', 'other');
  expect([known.code, known.stderr]).toEqual([0, expect.stringContaining('No line matches')]);
});

test('up starts a fleet whose services were all stopped', async () => {
  for (const service of ['worker', 'other']) expect((await flotilla.run('stop', service)).code).toBe(0);
  expect(await flotilla.json('status')).toMatchObject({ fleet: { state: 'stopped' } });
  const up = await flotilla.run('up', file, '--headless', '--runtime', 'process');
  expect(up.code, up.stderr).toBe(0);
  expect(await flotilla.json('status')).toMatchObject({ fleet: { state: 'healthy' } });
});
