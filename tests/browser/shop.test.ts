import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findChromium, noChromium } from '../support/chromium.ts';
import { openShopConsole, type ShopConsole } from './support/shop-console.ts';
import {
  followAnOrder,
  ON_PROCESSES,
  outliveTheEngine,
  produceAMessage,
  restartCart,
  startShop,
  stopShop,
} from './support/shop-steps.ts';

/*
 * The console on the real engine and the real shop, walked through as a person would: each test goes on where the one
 * before has led.
 */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });
const available = findChromium() !== null;
if (!available) console.warn(`skipped: ${noChromium}`);

describe.skipIf(!available)('the console on the running shop', () => {
  let shop: ShopConsole;

  beforeAll(async () => {
    shop = await openShopConsole();
  });
  afterEach(() => {
    expect(shop.complaints()).toEqual([]);
  });
  afterAll(() => shop?.close());

  it('starts the shop and shows it become healthy', () => startShop(shop, ON_PROCESSES));

  it('leads from a node to its traces, a trace, a span and its logs', () => followAnOrder(shop));

  it('points at what it does not understand in a search', async () => {
    const { page } = shop;
    const search = page.getByRole('combobox', { name: 'Search logs, traces and services' });
    await search.fill('service:orders duration>soon');
    await search.press('Enter');
    const problem = page.getByRole('alert').filter({ has: page.locator('mark') });
    await problem.waitFor();
    expect(await problem.locator('mark').textContent()).toContain('soon');
    await shop.expectAccessible();
    await search.fill('service:orders');
    await search.press('Enter');
    await problem.waitFor({ state: 'detached' });
  });

  it('browses a topic, produces a message and shows it', () => produceAMessage(shop));

  it('restarts a service and tells', () => restartCart(shop));

  it('says that the engine is gone and goes on where it was when it is back', () =>
    outliveTheEngine(shop, ON_PROCESSES));

  it('stops the fleet', () => stopShop(shop));
});
