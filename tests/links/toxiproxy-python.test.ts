import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startUpstream, type Upstream } from './support/echo.ts';
import { type Links, startLinksProgram } from './support/links.ts';
import { toxiproxyPython } from './support/toxiproxy-tools.ts';

const run = promisify(execFile);
let links: Links;
let echo: Upstream;
let python: Awaited<ReturnType<typeof toxiproxyPython>>;

beforeAll(async () => {
  python = await toxiproxyPython();
  links = await startLinksProgram();
  echo = await startUpstream();
}, 400_000);
afterAll(async () => {
  await links.close();
  await echo.close();
});

test('toxiproxy-python drives the links', { timeout: 60_000 }, async (context) => {
  if ('reason' in python) {
    console.log(`skipped: ${python.reason}`);
    return context.skip(python.reason);
  }
  const script = join(import.meta.dirname, 'support/toxiproxy-client.py');
  const [host = '', port = ''] = links.address.split(':');
  const { stdout } = await run(python.path, [script, host, port, echo.address]);
  const seen = JSON.parse(stdout) as Record<string, number>;
  expect(seen).toMatchObject({
    running: true,
    version: expect.stringMatching(/^2\./),
    toxics: ['latency_downstream'],
    duplicate: true,
    invalid: true,
    down: true,
    up: true,
    left: 0,
    gone: true,
  });
  expect(seen.latencyMs).toBeGreaterThan(98);
  expect(seen.latencyMs).toBeLessThan(1000);
  expect(seen.afterMs).toBeLessThan(98);
});
