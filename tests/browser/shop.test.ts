import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureEngine } from '../../main/client/node/index.ts';
import type { EndpointFile, ServiceView } from '../../main/contract/index.ts';
import { findChromium, noChromium } from '../support/chromium.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';
import { launchBrowser, seriousProblems } from './support/console.ts';

/*
 * The console on the real engine and the real shop, walked through as a person would: each test goes on where the one
 * before has led.
 */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });
const available = findChromium() !== null;
if (!available) console.warn(`skipped: ${noChromium}`);

/** What it writes when a network of the machine comes or goes, as those of containers do; the page asks again. */
const NETWORK_CHANGED = /net::ERR_NETWORK_CHANGED/;

/** What a browser itself writes when nobody answers; while the engine is gone that is as it should be. */
const NOBODY_ANSWERS = /net::ERR_|WebSocket connection to/;

describe.skipIf(!available)('the console on the running shop', () => {
  let flotilla: Flotilla;
  let browser: Browser;
  let page: Page;
  let endpoint: EndpointFile;
  let engineIsGone = false;
  const complaints: string[] = [];

  beforeAll(async () => {
    flotilla = await makeFlotilla();
    const engine = await ensureEngine({
      home: flotilla.home,
      engineFile: join(projectRoot, 'dist/engine/main.js'),
      node: process.execPath,
      environment: { TMPDIR: flotilla.temporary },
    });
    engine.client.close();
    endpoint = engine.endpoint;
    browser = await launchBrowser();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (
        message.type() !== 'error' ||
        NETWORK_CHANGED.test(message.text()) ||
        (engineIsGone && NOBODY_ANSWERS.test(message.text()))
      )
        return;
      complaints.push(`${message.text()} (${message.location().url})`);
    });
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`refused by ${event.violatedDirective}: ${event.blockedURI} in ${event.sourceFile}`),
      );
    });
    await page.goto(`${endpoint.url}/#token=${endpoint.token}`);
  });
  afterEach(() => {
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await flotilla.close();
  });

  const node = (id: string): Locator => page.locator(`.react-flow__node[data-id="${id}"]`);
  const view = (name: string): Locator =>
    page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: new RegExp(`^${name}`) });
  const fleetIs = (words: RegExp): Promise<void> =>
    page.getByRole('status', { name: words }).waitFor({ timeout: 120_000 });

  async function expectAccessible(): Promise<void> {
    await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
    expect(await seriousProblems(page)).toEqual([]);
  }

  it('starts the shop and shows it become healthy', async () => {
    await page.getByRole('heading', { name: 'No fleet is running' }).waitFor();
    await expectAccessible();
    // Where a container engine has the images it would run on that.
    await page.getByRole('radio', { name: /^Processes/ }).check();
    await page.getByRole('main').getByRole('button', { name: 'Start the shop' }).click();
    await fleetIs(/^Fleet: Healthy · 14 services/);
    for (const id of ['gateway', 'orders', 'kafka/order-events', 'postgres/orders', 'bank']) await node(id).waitFor();
    await page
      .locator('.gedge-label', { hasText: /\/s · / })
      .first()
      .waitFor();
    await expectAccessible();
  });

  it('leads from a node to its traces, a trace, a span and its logs', async () => {
    await node('orders').click();
    const drawer = page.getByRole('complementary', { name: 'Details of orders' });
    await expectAccessible();
    await drawer.getByRole('tab', { name: 'Traces' }).click();
    await drawer.getByRole('link', { name: 'Open in Traces' }).click();
    await expect.poll(() => page.url()).toContain('/traces?');
    const traces = page.getByRole('grid', { name: 'Traces' });
    await traces
      .getByRole('button', { name: /place order/ })
      .first()
      .waitFor();
    await expectAccessible();
    await traces
      .getByRole('button', { name: /place order/ })
      .first()
      .click();
    await page.getByRole('heading', { name: /traffic place order/, level: 1 }).waitFor();
    const span = page.getByRole('grid', { name: 'Spans' }).getByRole('button', { name: 'orders POST /orders' });
    await span.click();
    await expect.poll(() => page.url()).toContain('span=');
    await page.getByLabel('Attributes of POST /orders', { exact: true }).getByText('http.request.method').waitFor();
    await expectAccessible();
    await page.getByRole('main').getByRole('link', { name: 'Logs', exact: true }).click();
    await expect.poll(() => page.url()).toMatch(/\/logs\?.*q=trace:/);
    const lines = page.getByRole('treegrid', { name: 'Log lines' }).getByRole('row');
    await lines.first().waitFor();
    await expectAccessible();
  });

  it('points at what it does not understand in a search', async () => {
    const search = page.getByRole('combobox', { name: 'Search logs, traces and services' });
    await search.fill('service:orders duration>soon');
    await search.press('Enter');
    const problem = page.getByRole('alert').filter({ has: page.locator('mark') });
    await problem.waitFor();
    expect(await problem.locator('mark').textContent()).toContain('soon');
    await expectAccessible();
    await search.fill('service:orders');
    await search.press('Enter');
    await problem.waitFor({ state: 'detached' });
  });

  it('browses a topic, produces a message and shows it', async () => {
    await view('Kafka').click();
    const topics = page.getByRole('table', { name: 'Topics' });
    await topics.getByText('order-events').first().waitFor();
    await expectAccessible();
    await topics.getByRole('link', { name: 'order-events' }).first().click();
    const messages = page.getByRole('treegrid', { name: 'Messages' });
    await messages.getByText('OrderPlaced').first().waitFor();
    await expectAccessible();
    await page.getByRole('button', { name: 'Produce' }).click();
    const dialog = page.getByRole('dialog', { name: 'Produce to order-events' });
    await dialog.getByRole('textbox', { name: 'Key' }).fill('from-a-test');
    await dialog.getByRole('textbox', { name: 'Value' }).fill('{"type":"Nothing","said":"hello from a test"}');
    await expectAccessible();
    await dialog.getByRole('button', { name: 'Produce' }).click();
    await page.getByText(/^Written to partition \d+ at offset \d+\.$/).waitFor();
    await messages.getByText('from-a-test').first().waitFor();
    await messages.getByText('hello from a test').first().waitFor();
  });

  it('restarts a service and tells', async () => {
    await view('Services').click();
    await page.getByRole('table', { name: 'Services' }).waitFor();
    await expectAccessible();
    await page.getByRole('row', { name: 'cart, Healthy' }).dblclick();
    await page.getByRole('heading', { name: /cart Healthy/ }).waitFor();
    await expectAccessible();
    const startedAt = async (): Promise<string | null | undefined> =>
      (await flotilla.json<ServiceView[]>('services')).find((one) => one.id === 'cart')?.startedAt;
    const before = await startedAt();
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    await page.getByText('cart is restarting.').waitFor();
    await expect.poll(startedAt, { timeout: 60_000, interval: 1000 }).not.toBe(before);
    await page.getByRole('heading', { name: /cart Healthy/ }).waitFor();
    await fleetIs(/^Fleet: Healthy/);
  });

  it('says that the engine is gone and goes on where it was when it is back', async () => {
    await view('Topology').click();
    await node('payments').click();
    await page.getByRole('complementary', { name: 'Details of payments' }).waitFor();
    const address = page.url();
    engineIsGone = true;
    process.kill(endpoint.pid, 'SIGKILL');
    await page.getByText('The engine does not answer').waitFor();
    expect(await node('payments').count()).toBe(1);
    const up = await flotilla.run('up', '--runtime', 'process', '--headless');
    expect(up.code, up.stderr).toBe(0);
    await page.getByText('The engine does not answer').waitFor({ state: 'detached' });
    engineIsGone = false;
    await fleetIs(/^Fleet: Healthy · 14 services/);
    expect(page.url()).toBe(address);
    await page.getByRole('complementary', { name: 'Details of payments' }).waitFor();
    // It is the new engine's data that is shown: an edge has traffic.
    await page
      .locator('.gedge-label', { hasText: /\/s · / })
      .first()
      .waitFor();
  });

  it('stops the fleet', async () => {
    await page.getByRole('button', { name: 'Stop fleet' }).click();
    await page.getByRole('heading', { name: 'No fleet is running' }).waitFor();
    const { client, endpoint: now } = await flotilla.engine();
    client.close();
    expect((await flotilla.processes()).filter((one) => one.marked).map((one) => one.pid)).toEqual([now.pid]);
    await expectAccessible();
  });
});
