import Dockerode from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Trace, TraceSummary } from '../../main/contract/index.ts';
import { findChromium, noChromium } from '../support/chromium.ts';
import { withoutContainers } from '../support/containers.ts';
import { openShopConsole, type ShopConsole } from './support/shop-console.ts';
import {
  followAnOrder,
  ON_DOCKER,
  outliveTheEngine,
  produceAMessage,
  restartCart,
  startShop,
  stopShop,
} from './support/shop-steps.ts';

/*
 * The console over the shop in containers, walked through as a person would: each test goes on where the one before has led.
 */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 180_000 });
const missing =
  findChromium() === null
    ? noChromium
    : await withoutContainers(
        'node:24-bookworm-slim',
        'apache/kafka:4.1.0',
        'postgres:18',
        'redis:7',
        'rabbitmq:3-management',
      );
if (missing !== null) console.warn(`skipped: ${missing}`);

/** The shop's own name may be in use here: what runs under it must not be touched. */
const project = `shop-page-${process.pid}`;

describe.skipIf(missing !== null)('the console on the shop in containers', () => {
  const docker = new Dockerode();
  const container = (service: string) => docker.getContainer(`${project}-${service}-1`);
  const ours = () => docker.listContainers({ all: true, filters: { name: [project] } });
  let shop: ShopConsole;

  beforeAll(async () => {
    shop = await openShopConsole({ COMPOSE_PROJECT_NAME: project });
  });
  afterEach(() => {
    expect(shop.complaints()).toEqual([]);
  });
  afterAll(async () => {
    await shop?.close();
    await Promise.all((await ours()).map((one) => docker.getContainer(one.Id).remove({ force: true, v: true })));
  });

  const serviceIs = (service: string, word: RegExp, timeout = 120_000): Promise<void> =>
    shop.page.getByRole('heading', { name: new RegExp(`${service} ${word.source}`), level: 1 }).waitFor({ timeout });
  /** Of a service's page. */
  const press = (action: string): Promise<void> =>
    shop.page.getByRole('main').getByRole('button', { name: action, exact: true }).click();

  it('starts the shop where Docker is chosen, and shows how it comes up', () =>
    startShop(shop, ON_DOCKER, async () => {
      const starting = shop.page.getByRole('region', { name: 'Starting' });
      await starting.getByText(`Starting ${project}`).waitFor();
      await starting.getByText(/^\d+ of 15 healthy/).waitFor();
      await starting.getByRole('progressbar', { name: 'Services healthy' }).waitFor();
    }));

  it('shows the queue between orders and shipping, with what goes through it', async () => {
    const queue = shop.node('rabbitmq/shipping-jobs');
    await queue.getByText('RabbitMQ').waitFor();
    await queue.click();
    const drawer = shop.page.getByRole('complementary', { name: 'Details of shipping-jobs' });
    await drawer.getByRole('button', { name: /^orders/ }).waitFor();
    await drawer.getByRole('button', { name: /^shipping/ }).waitFor();
    await shop.expectAccessible();
    await drawer.getByRole('button', { name: 'Close' }).click();
  });

  it('leads from a node to its traces, a trace, a span and its logs', () => followAnOrder(shop));

  it('shows a trace that goes through the queue', async () => {
    const crossing = async (): Promise<string | undefined> =>
      (await shop.flotilla.json<TraceSummary[]>('traces', '--query', 'service:shipping', '--limit', '100')).find(
        (trace) => trace.services.includes('gateway') && trace.services.includes('shipping'),
      )?.traceId;
    await expect.poll(crossing, { timeout: 60_000, interval: 1000 }).toBeDefined();
    const trace = await shop.flotilla.json<Trace>('trace', (await crossing()) ?? '');
    for (const service of ['orders', 'shipping']) {
      const span = trace.spans.find(
        (one) => one.service === service && one.attributes['messaging.destination.name'] === 'shipping-jobs',
      );
      if (!span) throw new Error(`${service} has no span on the queue`);
      await shop.open(`/traces/${trace.traceId}?span=${span.spanId}`);
      await shop.page.getByLabel(`Attributes of ${span.name}`, { exact: true }).getByText('rabbitmq').first().waitFor();
    }
    await shop.expectAccessible();
  });

  it('browses a topic, produces a message and shows it', () => produceAMessage(shop));

  it('charts what a container uses', async () => {
    await shop.open('/services/orders?view=usage');
    for (const name of ['CPU of one core', 'Memory', 'Network in', 'Network out', 'Disk read', 'Disk written']) {
      const chart = shop.page.getByRole('figure', { name: new RegExp(`^${name} of orders: `) });
      // A line along the axis has no height, so nothing that Playwright would call visible.
      await chart.locator('.recharts-line-curve').waitFor({ state: 'attached' });
    }
    await shop.expectAccessible();
  });

  it('looks into the files of a container, and inspects it with secrets masked', async () => {
    const { page } = shop;
    await shop.open('/services/orders?view=files');
    await page.getByRole('button', { name: 'shop/', exact: true }).click();
    await page.getByRole('button', { name: /^healthcheck\.sh/ }).click();
    await page.getByRole('region', { name: '/shop/healthcheck.sh' }).getByText('#!').waitFor();
    await shop.expectAccessible();
    await page.getByRole('tab', { name: 'Inspect' }).click();
    await page.getByText(`${project}-orders-1`, { exact: true }).waitFor();
    const json = page.getByRole('region', { name: 'Inspection as JSON' });
    await json
      .getByText(/DATABASE_URL=/)
      .first()
      .waitFor();
    expect(await json.getByText(/postgres:\/\/orders:[^•@]+@/).count()).toBe(0);
    await shop.expectAccessible();
  });

  it('runs a command in a container', async () => {
    const { page } = shop;
    await page.getByRole('main').getByRole('button', { name: 'Terminal', exact: true }).click();
    const pane = page.getByRole('region', { name: 'Terminal in orders' });
    await pane.waitFor();
    await page.keyboard.type('echo "$OTEL_SERVICE_NAME in $(pwd) on node $(node --version)"');
    await page.keyboard.press('Enter');
    await pane
      .getByRole('listitem')
      .filter({ hasText: /^orders in \/shop on node v24/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Close the terminal in orders' }).click();
  });

  it('looks into the databases, the cache and the queue', async () => {
    const { page } = shop;
    await shop.view('Data').click();
    await page.getByText(/^PostgreSQL 18/).waitFor();
    const tables = page.getByRole('table', { name: 'Tables of orders' });
    await tables.getByRole('row', { name: 'public.order_events' }).click();
    await page.getByRole('region', { name: 'Rows of order_events' }).first().getByText('OrderPlaced').first().waitFor();
    await shop.expectAccessible();
    await page.getByRole('radio', { name: 'redis' }).click();
    await page
      .getByRole('table', { name: 'Keys' })
      .getByRole('row', { name: /^cart:/ })
      .first()
      .click();
    await page.getByText(/^hash of \d+ elements?/).waitFor();
    await shop.expectAccessible();
    await page.getByRole('radio', { name: 'rabbitmq' }).click();
    const queues = page.getByRole('table', { name: 'Queues' });
    await queues.getByRole('row', { name: /^shipping-jobs, / }).click();
    const queue = page.getByRole('region', { name: 'Queue shipping-jobs' });
    await expect.poll(() => queue.getByRole('listitem').count()).toBe(2);
    await shop.expectAccessible();
  });

  it('restarts a service and tells', () => restartCart(shop));

  it('pauses, stops and kills a service and tells', async () => {
    await press('Pause');
    await serviceIs('cart', /Paused/);
    expect((await container('cart').inspect()).State.Paused).toBe(true);
    await press('Resume');
    await serviceIs('cart', /Healthy/);
    await press('Stop');
    await serviceIs('cart', /Stopped/);
    await press('Start');
    await serviceIs('cart', /Healthy/);
    await press('Kill …');
    await shop.page
      .getByRole('alertdialog')
      .or(shop.page.getByRole('dialog'))
      .getByRole('button', { name: 'Kill cart' })
      .click();
    await shop.page.getByText('cart was killed.').waitFor();
    await serviceIs('cart', /Healthy/);
    expect((await container('cart').inspect()).State.Running).toBe(true);
  });

  it('shows within a second what is done to a container outside of it', async () => {
    await container('cart').pause();
    await serviceIs('cart', /Paused/, 1000);
    await container('cart').unpause();
    await serviceIs('cart', /(Healthy|Running|Not checked yet)/, 1000);
    await serviceIs('cart', /Healthy/);
    await container('cart').stop({ t: 5 });
    await serviceIs('cart', /Stopped/, 1000);
    await shop.page
      .getByText(/from outside Flotilla/)
      .first()
      .waitFor();
    await press('Start');
    await serviceIs('cart', /Healthy/);
    await shop.fleetIs(/^Fleet: Healthy/);
  });

  it('says that the engine is gone and goes on where it was when it is back', async () => {
    const before = (await ours()).map((one) => one.Id).sort();
    await outliveTheEngine(shop, ON_DOCKER);
    expect((await ours()).map((one) => one.Id).sort()).toEqual(before);
  });

  it('stops the fleet, and leaves no container', async () => {
    await stopShop(shop);
    expect(await ours()).toEqual([]);
  });
});
