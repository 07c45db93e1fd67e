import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findChromium, noChromium } from '../support/chromium.ts';
import { withoutContainers } from '../support/containers.ts';
import { seriousProblems } from './support/console.ts';
import { type FleetConsole, openFleet } from './support/fleet-console.ts';

/*
 * What the console shows of containers, on a real container engine.
 */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 });
const missing = findChromium() === null ? noChromium : await withoutContainers('debian:bookworm-slim', 'redis:7');
if (missing !== null) console.warn(`skipped: ${missing}`);

const fleet = `
name: console-${randomBytes(3).toString('hex')}
services:
  cache:
    image: redis:7
    healthcheck: { test: ["CMD", "redis-cli", "ping"], interval: 1s, retries: 20 }
    deploy: { resources: { limits: { memory: 128M } } }
  worker:
    image: debian:bookworm-slim
    command: ["sh", "-c", "trap 'exit 0' TERM; while true; do echo tick; sleep 1; done"]
    environment: { API_SECRET: hush-hush, COLOUR: blue }
    depends_on: { cache: { condition: service_healthy } }
`;

describe.skipIf(missing !== null)('the console on containers', () => {
  let on: FleetConsole;
  let page: Page;

  beforeAll(async () => {
    on = await openFleet(fleet, 'docker', '/services/cache?view=inspect');
    page = on.page;
  });
  afterAll(() => on?.close());

  const open = (path: string) => page.goto(`${on.url}${path}`);

  it('inspects one, with its health checks', async () => {
    await page.getByRole('region', { name: 'Health checks' }).getByText('PONG').first().waitFor();
    const json = page.getByRole('region', { name: 'Inspection as JSON' });
    await json.getByText('"OOMKilled": false').waitFor();
    await open('/services/worker?view=inspect');
    await json.getByText(/COLOUR=blue/).waitFor();
    expect(await json.getByText(/hush-hush/).count()).toBe(0);
    expect(await seriousProblems(page)).toEqual([]);
  });

  it('looks into its files', async () => {
    await open('/services/worker?view=files&path=/etc/debian_version');
    await page
      .getByRole('region', { name: '/etc/debian_version' })
      .getByText(/^12\.\d/)
      .waitFor();
    await page.getByRole('button', { name: /^debian_version/ }).waitFor();
    await page.getByRole('button', { name: 'usr/', exact: true }).click();
    const binaries = page
      .getByRole('list', { name: '/usr', exact: true })
      .getByRole('button', { name: 'bin/', exact: true });
    await binaries.click();
    await page.getByRole('button', { name: /^bash ?\d/ }).click();
    await page.getByRole('region', { name: '/usr/bin/bash' }).getByText('.ELF').waitFor();
  });

  it('charts what it uses, with its limit', async () => {
    await open('/services/cache?view=usage&last=5m');
    const memory = page.getByRole('figure', { name: /^Memory of cache: / });
    await memory.getByText('limit 128 MiB').waitFor();
    await memory.locator('.recharts-line-curve').waitFor();
    await page.getByRole('figure', { name: /^Network in of cache: / }).waitFor();
  });

  it('opens a shell in it, which follows the size of the window', async () => {
    await open('/terminal?service=worker');
    const pane = page.getByRole('region', { name: 'Terminal in worker' });
    const line = (text: RegExp) => pane.getByRole('listitem').filter({ hasText: text }).first();
    const type = async (text: string): Promise<void> => {
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
    };
    await pane.waitFor();
    await type('echo "$COLOUR in $(head -1 /etc/os-release)"');
    await line(/^blue in PRETTY_NAME="Debian/).waitFor();
    await type('echo wide $(stty size)');
    await line(/^wide \d+ 1\d\d$/).waitFor();
    await page.setViewportSize({ width: 800, height: 600 });
    await expect
      .poll(async () => {
        await type('clear; echo narrow $(stty size)');
        await line(/^narrow \d+ \d+$/).waitFor();
        return (await line(/^narrow \d+ \d+$/).textContent())?.trim().split(' ').map(Number)[2];
      })
      .toBeLessThan(110);
    await type('exit 4');
    await pane.getByText('The shell ended with exit code 4.').waitFor();
  });
});
