import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../main/client/index.ts';
import { toErrorView } from '../../main/contract/index.ts';
import { findChromium, noChromium } from '../support/chromium.ts';
import { openShopConsole, type ShopConsole } from './support/shop-console.ts';
import { ON_PROCESSES, startShop, stopShop } from './support/shop-steps.ts';

/*
 * Breaking the real shop by its console: each test goes on where the one before has led.
 */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
const available = findChromium() !== null;
if (!available) console.warn(`skipped: ${noChromium}`);

/** Rates of so short a time follow a fault at once. */
const WINDOW_MS = 8000;

describe.skipIf(!available)('breaking the running shop', () => {
  let shop: ShopConsole;
  let client: Client;

  beforeAll(async () => {
    shop = await openShopConsole();
  });
  afterEach(() => {
    expect(shop.complaints()).toEqual([]);
  });
  afterAll(async () => {
    client?.close();
    await shop?.close();
  });

  const flag = (page: Page, edge: string) => page.locator(`.gedge-flag[data-edge="${edge}"]`);
  const label = (page: Page, edge: string) => page.locator(`.gedge-label[data-edge="${edge}"]`);
  const edge = async (from: string, to: string) => {
    const topology = await client.call('topology.get', { range: { lastMs: WINDOW_MS } });
    const found = topology.edges.find((one) => (one.from as string) === from && (one.to as string) === to);
    return { rate: found?.ratePerSecond ?? 0, errorRate: found?.errorRate ?? 0, p95Ms: found?.p95Ms ?? 0 };
  };
  const isSuffering = async (from: string, to: string): Promise<boolean> => {
    const { errorRate, p95Ms } = await edge(from, to);
    return errorRate > 0.3 || p95Ms > 1200;
  };
  const isWell = async (from: string, to: string): Promise<boolean> => {
    const { rate, errorRate, p95Ms } = await edge(from, to);
    return rate > 0 && errorRate < 0.2 && p95Ms < 1200;
  };

  it('starts the shop with traffic', async () => {
    await startShop(shop, ON_PROCESSES);
    ({ client } = await shop.flotilla.engine());
    await client.call('fleet.dial', { value: 6 });
    await expect.poll(() => isWell('orders', 'payments'), { timeout: 60_000, interval: 1000 }).toBe(true);
  });

  it('injects by a click on an edge; callers suffer, the mark counts down, and all recovers by itself', async () => {
    const { page } = shop;
    await label(page, 'orders~payments').click();
    await page.getByRole('tab', { name: 'Break this' }).click();
    await page.getByRole('option', { name: 'Latency 2 s, 50 % of requests, for 30 s' }).click();
    const form = page.getByRole('form', { name: 'Delayed requests on orders → payments' });
    await form.getByLabel('Share').fill('100');
    await form
      .getByRole('status')
      .filter({ hasText: /orders/ })
      .waitFor();
    await shop.expectAccessible();
    await form.getByRole('button', { name: 'Inject' }).click();
    await flag(page, 'orders~payments').getByText('Delayed requests').waitFor();
    const left = async () => Number(/(\d+) s/.exec((await flag(page, 'orders~payments').textContent()) ?? '')?.[1]);
    await expect.poll(left).toBeGreaterThan(0);
    const first = await left();
    expect(first).toBeLessThanOrEqual(30);
    await expect.poll(left).toBeLessThan(first - 2);
    await page.getByRole('button', { name: /1 fault.*Stop all/ }).waitFor();
    await expect.poll(() => isSuffering('orders', 'payments'), { timeout: 30_000, interval: 500 }).toBe(true);
    await expect.poll(() => isSuffering('gateway', 'orders'), { timeout: 30_000, interval: 500 }).toBe(true);
    // What the engine measures is what the page shows.
    await expect.poll(() => label(page, 'orders~payments').textContent()).toMatch(/fail|\d s$/);
    await page.locator('.timeline-span-fault').first().waitFor();
    await flag(page, 'orders~payments').waitFor({ state: 'detached', timeout: 60_000 });
    expect(await client.call('engine.state', undefined).then((state) => state.chaos.faults)).toEqual([]);
    await expect.poll(() => isWell('orders', 'payments'), { timeout: 90_000, interval: 1000 }).toBe(true);
    await expect.poll(() => isWell('gateway', 'orders'), { timeout: 90_000, interval: 1000 }).toBe(true);
  });

  it('says why the call to the bank, which is outside of the fleet, cannot be broken', async () => {
    const { page } = shop;
    await shop.open('/topology?sel=payments~bank&tab=break');
    await page.getByRole('note').getByText('No link stands in these calls').waitFor();
    await page
      .getByRole('note')
      .getByText(/there is no edge payments->bank/)
      .waitFor();
    // The browser tells of every answer that refuses, a moment later.
    const told: string[] = [];
    await expect.poll(() => told.push(...shop.complaints())).toBeGreaterThan(0);
    expect(told.filter((text) => !text.includes('/api/fault.preview'))).toEqual([]);
  });

  it('stops everything by one key while somebody writes, and refuses new faults until they are released', async () => {
    const { page } = shop;
    const fault = { parameters: {}, forSeconds: 600 } as const;
    await client.call('fault.add', { ...fault, kind: 'refuse', target: { kind: 'edge', from: 'cart', to: 'redis' } });
    await client.call('fault.add', { ...fault, kind: 'pause', target: { kind: 'service', service: 'notifications' } });
    await shop.open('/chaos');
    await page.getByRole('row', { name: 'Connection refused on cart → redis' }).waitFor();
    await page.getByRole('row', { name: 'Pause on notifications' }).waitFor();
    await shop.expectAccessible();
    await page.getByRole('combobox', { name: 'Search logs, traces and services' }).fill('service:cart');
    await page.keyboard.press('Control+.');
    await page.getByText('Faults are stopped; no new ones are put on.').waitFor();
    const { chaos } = await client.call('engine.state', undefined);
    expect(chaos).toMatchObject({ faults: [], isBlocked: true });
    const refused = client.call('fault.add', {
      ...fault,
      kind: 'latency',
      target: { kind: 'edge', from: 'cart', to: 'redis' },
    });
    expect(await refused.catch((error) => toErrorView(error).code)).toBe('FAULTS_BLOCKED');
    await shop.expectAccessible();
    await page.getByRole('button', { name: 'Release' }).click();
    await page.getByText('Faults are stopped; no new ones are put on.').waitFor({ state: 'detached' });
    await expect.poll(() => isWell('cart', 'redis'), { timeout: 60_000, interval: 1000 }).toBe(true);
  });

  it('lists the experiments of the shop, none with an error', async () => {
    const { page } = shop;
    await shop.open('/chaos/experiments');
    const rows = page.getByRole('table', { name: 'Experiments' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBeGreaterThanOrEqual(5);
    expect(await page.getByText('Cannot be run').count()).toBe(0);
    await page.getByRole('link', { name: 'Slow payments' }).click();
    await page.getByText('No problem found').waitFor();
    await shop.expectAccessible();
  });

  it('stops the fleet', async () => {
    await shop.open('/topology');
    await stopShop(shop);
  });
});
