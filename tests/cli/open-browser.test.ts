import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cli, type Flotilla, makeFlotilla } from '../support/flotilla.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let flotilla: Flotilla;
beforeEach(async () => {
  flotilla = await makeFlotilla({ DISPLAY: ':99', WAYLAND_DISPLAY: undefined, FLOTILLA_ELECTRON: '/no/electron' });
});
afterEach(() => flotilla.close());

test.runIf(process.platform === 'linux')('the browser is started with a ticket, never with the token', async () => {
  const folder = join(flotilla.home, 'bin');
  await mkdir(folder);
  const opened = join(folder, 'opened');
  await writeFile(
    join(folder, 'xdg-open'),
    `#!/bin/sh\necho "$@" > '${opened}.new' && mv '${opened}.new' '${opened}'\n`,
  );
  await chmod(join(folder, 'xdg-open'), 0o755);
  const file = join(flotilla.home, 'compose.yaml');
  await writeFile(
    file,
    'name: one\nservices:\n  a: { image: node, command: [node, -e, "setInterval(() => {}, 1e6)"] }\n',
  );
  const child = spawn(process.execPath, [cli, 'up', file, '--runtime', 'process'], {
    env: { ...flotilla.env, PATH: `${folder}${delimiter}${process.env.PATH}` },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  try {
    const address = await vi.waitFor(async () => new URL((await readFile(opened, 'utf8')).trim()), 30_000);
    const { endpoint, client } = await flotilla.engine();
    client.close();
    expect(address.href).not.toContain(endpoint.token);
    expect(address.origin).toBe(endpoint.url);
    const ticket = new URLSearchParams(address.hash.slice(1)).get('ticket');
    const signIn = (): Promise<Response> =>
      fetch(`${endpoint.url}/api/session`, { method: 'POST', headers: { authorization: `Ticket ${ticket}` } });
    expect((await signIn()).status).toBe(204);
    expect((await signIn()).status).toBe(401);
  } finally {
    child.kill('SIGINT');
    await ended;
  }
});
