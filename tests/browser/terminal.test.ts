import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findChromium, noChromium } from '../support/chromium.ts';
import { seriousProblems } from './support/console.ts';
import { type FleetConsole, openFleet } from './support/fleet-console.ts';

/*
 * Terminals on the real engine and a service of the process runtime: each test goes on where the one before has led.
 */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });
const available = findChromium() !== null;
if (!available) console.warn(`skipped: ${noChromium}`);

const fleet = `
name: small
services:
  web:
    image: node:20
    command: ["node", "-e", "require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT)"]
    environment: { PORT: "8080", GREETING: ahoy }
    x-flotilla:
      ports: [{ name: http, port: 8080, protocol: http, env: PORT }]
      health: { http: { port: http, path: / } }
`;

describe.skipIf(!available)('terminals', () => {
  let on: FleetConsole;
  let page: Page;

  beforeAll(async () => {
    on = await openFleet(fleet, 'process', '/services/web', { SHELL: '/bin/sh', PS1: '$ ', ENV: undefined });
    page = on.page;
  });
  afterAll(() => on?.close());

  const pane = () => page.getByRole('region', { name: 'Terminal in web' });
  const line = (text: string | RegExp) => pane().getByRole('listitem').filter({ hasText: text }).first();
  const type = async (text: string): Promise<void> => {
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  };
  const sizeOf = async (mark: string): Promise<[rows: number, columns: number]> => {
    await type(`echo ${mark} $(stty size)`);
    const found = line(new RegExp(`^${mark} \\d+ \\d+`));
    await found.waitFor();
    const [, rows, columns] = ((await found.textContent()) ?? '').trim().split(' ').map(Number);
    return [rows ?? 0, columns ?? 0];
  };

  it('opens from the service, in its environment', async () => {
    await page.getByRole('main').getByRole('button', { name: 'Terminal', exact: true }).click();
    await expect.poll(() => page.url()).toContain('/terminal?service=web');
    await pane().waitFor();
    await type('echo "$GREETING from $((6 * 7))"');
    await line('ahoy from 42').waitFor();
    expect(await seriousProblems(page)).toEqual([]);
  });

  it('tells the shell its size, and a new one when the window changes', async () => {
    const [rows, columns] = await sizeOf('before');
    await page.setViewportSize({ width: 900, height: 600 });
    await expect.poll(async () => (await sizeOf(`after${Date.now()}`))[1]).toBeLessThan(columns);
    expect((await sizeOf('last'))[0]).toBeLessThan(rows);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('gives Escape and Ctrl+K to the shell, and lets the keyboard out of it', async () => {
    await type('IFS= read -r keys; printf "%s" "$keys" | od -An -c | tr -d " \\n"; echo " were the keys"');
    await page.keyboard.press('Escape');
    await type('x');
    await line(/^033x were the keys/).waitFor();
    await page.keyboard.press('Control+k');
    await line(/\^K$/).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('Control+u');
    await page.keyboard.press('Control+Shift+x');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Type in it');
    await page.keyboard.press('Enter');
    await type('echo back in');
    await line(/^back in/).waitFor();
  });

  it('keeps up with a flood and stays open while another view is looked at', async () => {
    await type('i=0; while [ $i -lt 20000 ]; do echo "line $i of many"; i=$((i+1)); done; echo all written');
    await page.getByRole('link', { name: /^Services/ }).click();
    await page.getByRole('table', { name: 'Services' }).waitFor();
    await page.getByRole('link', { name: 'Terminal' }).click();
    await line(/^all written/).waitFor();
  });

  it('finds in what was written', async () => {
    await page.keyboard.press('Control+Shift+f');
    await page.keyboard.type('line 19998 of');
    await pane().getByText('1 of 1').waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('nowhere to be found');
    await pane().getByText('not found', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('finds its shell when the page is loaded again', async () => {
    await type('kept=yes; echo set');
    await line(/^set/).waitFor();
    await page.reload();
    await line('shell from before the page was loaded again').waitFor();
    await type('echo "kept: $kept"');
    await line('kept: yes').waitFor();
  });

  it('says how the shell ended, and opens another', async () => {
    await type('exit 3');
    await pane().getByText('The shell ended with exit code 3.').waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await pane().getByRole('button', { name: 'Open again' }).click();
    await type('echo "again: ${kept:-no}"');
    await line('again: no').waitFor();
  });

  it('ends the shell with its tab', async () => {
    const shells = async () => (await on.flotilla.processes()).filter((one) => /\bsh$/.test(one.command)).length;
    await page.getByRole('button', { name: 'Close the terminal in web' }).click();
    await page.getByText('No terminal is open').waitFor();
    await expect.poll(shells).toBe(0);
  });
});
