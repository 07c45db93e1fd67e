import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, noChromium } from '../support/chromium.ts';
import { type ConsoleUnderTest, launchBrowser, openConsole } from './support/console.ts';

const available = findChromium() !== null;
if (!available) console.warn(`skipped: ${noChromium}`);

describe.skipIf(!available)('the console', () => {
  let browser: Browser;
  let tested: ConsoleUnderTest | null = null;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterEach(async () => {
    const errors = tested?.pageErrors ?? [];
    await tested?.close();
    tested = null;
    expect(errors).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  const open = async (...[options]: [Parameters<typeof openConsole>[1]?]): Promise<ConsoleUnderTest> => {
    tested = await openConsole(browser, options);
    return tested;
  };
  const node = (on: ConsoleUnderTest, id: string) => on.page.locator(`.react-flow__node[data-id="${id}"]`);

  it('takes the token out of the address and shows the running fleet', async () => {
    const on = await open();
    await node(on, 'orders').waitFor();
    expect(on.page.url()).toBe(`${on.url}/topology`);
    expect(await on.page.evaluate(() => document.cookie)).toBe('');
    await on.page.getByRole('status', { name: 'Fleet: Healthy · 14 services' }).waitFor();
    // A broker and a server whose topics and databases are drawn are not drawn themselves.
    expect(await node(on, 'kafka').count()).toBe(0);
    expect(await node(on, 'kafka/order-events').count()).toBe(1);
    await on.page
      .locator('.gedge-label', { hasText: /\/s · / })
      .first()
      .waitFor();
  });

  it('keeps the selection in the address, and Back takes it back', async () => {
    const on = await open();
    await node(on, 'payments').click();
    await on.page.getByRole('complementary', { name: 'Details of payments' }).waitFor();
    expect(on.page.url()).toContain('sel=payments');
    await on.page
      .getByRole('button', { name: /^orders/ })
      .first()
      .click();
    await on.page.getByRole('complementary', { name: 'Details of orders to payments' }).waitFor();
    expect(on.page.url()).toContain('sel=orders~payments');
    await on.page.goBack();
    await on.page.getByRole('complementary', { name: 'Details of payments' }).waitFor();
    await on.page.keyboard.press('Escape');
    await expect.poll(() => on.page.url()).not.toContain('sel=');
  });

  it('opens a state of the console from its link', async () => {
    const on = await open({ path: '/services?sel=kafka/order-events&last=5m' });
    await on.page.getByRole('complementary', { name: 'Details of order-events' }).waitFor();
    await on.page.getByRole('button', { name: 'Time range: Live · 5 min' }).waitFor();
  });

  it('leads from a node to its service, its logs and its traces', async () => {
    const on = await open();
    await node(on, 'orders').click({ button: 'right' });
    await on.page.getByRole('menuitem', { name: 'Logs' }).click();
    await expect.poll(() => on.page.url()).toContain('/logs?q=service:orders');
    await on.page.keyboard.press('g');
    await on.page.keyboard.press('t');
    await node(on, 'orders').dblclick();
    await on.page.getByRole('heading', { name: /orders/, level: 1 }).waitFor();
    expect(on.page.url()).toContain('/services/orders');
    await on.page.getByRole('tab', { name: 'Environment' }).click();
    await on.page.getByText('DATABASE_URL').waitFor();
    expect(await on.page.getByText('postgres://orders').count()).toBe(0);
    await on.page.getByRole('button', { name: 'Reveal secrets' }).click();
    await on.page.getByText('postgres://orders').waitFor();
  });

  it('says that a service is broken, why, and where it hurts', async () => {
    const on = await open({ path: '/topology?sel=payments' });
    await node(on, 'payments').waitFor();
    on.engine.fail('payments');
    await on.page.getByRole('status', { name: 'Fleet: Degraded · 13 of 14 healthy' }).waitFor();
    await on.page.getByRole('region', { name: 'Why restarting' }).getByText('exited with code 1').waitFor();
    await on.page.locator('[data-edge="orders~payments"]', { hasText: /% of .* fail/ }).waitFor();
    await on.page.getByRole('link', { name: 'Services, 1 not healthy' }).waitFor();
    on.engine.heal('payments');
    await on.page.getByRole('status', { name: 'Fleet: Healthy · 14 services' }).waitFor();
  });

  it('acts on a service, and asks before it kills one', async () => {
    const on = await open({ path: '/services/cart' });
    await on.page.getByRole('button', { name: 'Kill …' }).click();
    const question = on.page.getByRole('alertdialog', { name: 'Kill cart?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await on.page.getByRole('heading', { name: /cart Healthy/ }).waitFor();
    await on.page.getByRole('button', { name: 'Kill …' }).click();
    await question.getByRole('button', { name: 'Kill cart' }).click();
    await on.page.getByRole('heading', { name: /cart Restarting/ }).waitFor();
    await on.page.getByRole('button', { name: 'Start', exact: true }).click();
    await on.page.getByRole('heading', { name: /cart Healthy/ }).waitFor();
  });

  it('looks at the past by a drag over the timeline, and comes back', async () => {
    const on = await open();
    const chart = on.page.locator('.timeline-chart');
    await chart.waitFor();
    const box = await chart.boundingBox();
    if (!box) throw new Error('the timeline has no box');
    await on.page.mouse.move(box.x + box.width * 0.5, box.y + 20);
    await on.page.mouse.down();
    await on.page.mouse.move(box.x + box.width * 0.6, box.y + 20, { steps: 4 });
    await on.page.mouse.up();
    await expect.poll(() => new URL(on.page.url()).searchParams.get('from')).not.toBeNull();
    const { searchParams } = new URL(on.page.url());
    const length = Number(searchParams.get('to')) - Number(searchParams.get('from'));
    expect(length).toBeGreaterThan(80_000);
    expect(length).toBeLessThan(100_000);
    await on.page.getByText(/s of the past/).waitFor();
    await on.page.keyboard.press('.');
    await expect.poll(() => new URL(on.page.url()).searchParams.get('from')).toBeNull();
  });

  it('says that the engine is gone, keeps the last picture, and goes on when it is back', async () => {
    const on = await open();
    await node(on, 'orders').waitFor();
    await on.stopServer();
    await on.page.getByText('The engine does not answer').waitFor();
    await on.page.getByText(/attempts? to reconnect/).waitFor();
    expect(await node(on, 'orders').count()).toBe(1);
    on.engine.fail('orders');
    await on.restartServer();
    await on.page.getByText('The engine does not answer').waitFor({ state: 'detached' });
    await on.page.getByRole('status', { name: 'Fleet: Degraded · 13 of 14 healthy' }).waitFor();
  });

  it('does everything by keys', async () => {
    const on = await open();
    const { keyboard } = on.page;
    await node(on, 'orders').waitFor();
    await keyboard.press('g');
    await keyboard.press('s');
    await on.page.getByRole('table', { name: 'Services' }).waitFor();
    await keyboard.press('/');
    await keyboard.type('level:error');
    await keyboard.press('Enter');
    await expect.poll(() => on.page.url()).toContain('/logs?q=level:error');
    await keyboard.press('?');
    await on.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await keyboard.press('Escape');
    await keyboard.press('Control+k');
    await on.page.getByRole('dialog', { name: 'Command palette' }).waitFor();
    await keyboard.type('restart invent');
    await keyboard.press('Enter');
    await on.page.getByText('inventory is restarting.').waitFor();
    await keyboard.press('g');
    await keyboard.press('t');
    await node(on, 'gateway').focus();
    await keyboard.press('ArrowDown');
    expect(await on.page.evaluate(() => document.activeElement?.getAttribute('data-id'))).not.toBe('gateway');
    await keyboard.press('Space');
    await on.page.getByRole('complementary').waitFor();
  });

  it('starts the shop from nothing and shows what each service waits for', async () => {
    const on = await open({ phase: 'none', startStepMs: 900 });
    await on.page.getByRole('main').getByRole('button', { name: 'Start the shop' }).click();
    const progress = on.page.getByRole('region', { name: 'Starting' });
    await progress
      .getByText(/waits for/)
      .first()
      .waitFor();
    await on.page.getByRole('status', { name: 'Fleet: Healthy · 14 services' }).waitFor({ timeout: 30_000 });
    await progress.waitFor({ state: 'detached' });
    await node(on, 'gateway').waitFor();
    await on.page.getByRole('button', { name: 'Stop fleet' }).click();
    await on.page.getByRole('heading', { name: 'shop is stopped' }).waitFor();
  });

  it('says what of the engine does not work, and what went wrong with a call', async () => {
    const on = await open({ path: '/services/cart' });
    on.engine.problem('The disk that holds the store is full.');
    await on.page.getByRole('alert').getByText('Free some space').waitFor();
    on.engine.problem(null);
    await on.page.getByText('Free some space').waitFor({ state: 'detached' });
    const restart = on.page.getByRole('button', { name: 'Restart', exact: true });
    await restart.waitFor();
    await on.stopServer();
    await restart.click();
    const toast = on.page.getByRole('region', { name: 'Messages' }).getByRole('alert');
    await toast.getByText('ENGINE_UNREACHABLE').waitFor();
    await toast.getByText('flotilla doctor').waitFor();
  });

  it('keeps nodes where they are when others come', async () => {
    const on = await open();
    await node(on, 'orders').waitFor();
    const before = await node(on, 'orders').getAttribute('style');
    on.engine.grow(5);
    await node(on, 'unit-004').waitFor();
    expect(transformOf(await node(on, 'orders').getAttribute('style'))).toBe(transformOf(before));
  });
});

function transformOf(style: string | null): string {
  return /translate\(([^)]*)\)/.exec(style ?? '')?.[1] ?? 'none';
}
