import { expect } from 'vitest';
import type { ServiceView } from '../../../main/contract/index.ts';
import type { ShopConsole } from './shop-console.ts';

/** What a walk through the shop has to know of where it runs. */
export interface ShopGround {
  readonly runtime: 'process' | 'docker';
  /** How the start page calls it. */
  readonly radio: RegExp;
  readonly services: number;
  /** Nodes of the topology that have to be there. */
  readonly nodes: readonly string[];
}

const NODES = ['gateway', 'orders', 'kafka/order-events', 'postgres/orders', 'bank'];

export const ON_PROCESSES: ShopGround = { runtime: 'process', radio: /^Processes/, services: 14, nodes: NODES };
export const ON_DOCKER: ShopGround = {
  runtime: 'docker',
  radio: /^Docker/,
  services: 15,
  nodes: [...NODES, 'rabbitmq/shipping-jobs', 'rabbitmq/shipping-jobs-dead'],
};

const edgeWithTraffic = ({ page }: ShopConsole): Promise<void> =>
  page
    .locator('.gedge-label', { hasText: /\/s · / })
    .first()
    .waitFor();

/** From the start page to a topology with traffic. `starting`: what to look at while it starts. */
export async function startShop(shop: ShopConsole, ground: ShopGround, starting = async () => {}): Promise<void> {
  const { page } = shop;
  await page.getByRole('heading', { name: 'No fleet is running' }).waitFor();
  await shop.expectAccessible();
  await page.getByRole('radio', { name: ground.radio }).check();
  await page.getByRole('main').getByRole('button', { name: 'Start the shop' }).click();
  await starting();
  await shop.fleetIs(new RegExp(`^Fleet: Healthy · ${ground.services} services`));
  for (const id of ground.nodes) await shop.node(id).waitFor();
  await edgeWithTraffic(shop);
  await shop.expectAccessible();
}

/** From a node by its drawer to its traces, one trace, a span, and the lines that were written while it ran. */
export async function followAnOrder(shop: ShopConsole): Promise<void> {
  const { page } = shop;
  await shop.node('orders').click();
  const drawer = page.getByRole('complementary', { name: 'Details of orders' });
  await shop.expectAccessible();
  await drawer.getByRole('tab', { name: 'Traces' }).click();
  await drawer.getByRole('link', { name: 'Open in Traces' }).click();
  await expect.poll(() => page.url()).toContain('/traces?');
  const order = page
    .getByRole('grid', { name: 'Traces' })
    .getByRole('button', { name: /place order/ })
    .first();
  await order.waitFor();
  await shop.expectAccessible();
  await order.click();
  await page.getByRole('heading', { name: /traffic place order/, level: 1 }).waitFor();
  const span = page.getByRole('grid', { name: 'Spans' }).getByRole('button', { name: 'orders POST /orders' });
  await span.click();
  await expect.poll(() => page.url()).toContain('span=');
  await page.getByLabel('Attributes of POST /orders', { exact: true }).getByText('http.request.method').waitFor();
  await shop.expectAccessible();
  await page.getByRole('main').getByRole('link', { name: 'Logs', exact: true }).click();
  await expect.poll(() => page.url()).toMatch(/\/logs\?.*q=trace:/);
  await page.getByRole('treegrid', { name: 'Log lines' }).getByRole('row').first().waitFor();
  await shop.expectAccessible();
}

/** Browses a topic and writes a message into it. */
export async function produceAMessage(shop: ShopConsole): Promise<void> {
  const { page } = shop;
  await shop.view('Kafka').click();
  const topics = page.getByRole('table', { name: 'Topics' });
  await topics.getByText('order-events').first().waitFor();
  await shop.expectAccessible();
  await topics.getByRole('link', { name: 'order-events' }).first().click();
  const messages = page.getByRole('treegrid', { name: 'Messages' });
  await messages.getByText('OrderPlaced').first().waitFor();
  await shop.expectAccessible();
  await page.getByRole('button', { name: 'Produce' }).click();
  const dialog = page.getByRole('dialog', { name: 'Produce to order-events' });
  await dialog.getByRole('textbox', { name: 'Key' }).fill('from-a-test');
  await dialog.getByRole('textbox', { name: 'Value' }).fill('{"type":"Nothing","said":"hello from a test"}');
  await shop.expectAccessible();
  await dialog.getByRole('button', { name: 'Produce' }).click();
  await page.getByText(/^Written to partition \d+ at offset \d+\.$/).waitFor();
  await messages.getByText('from-a-test').first().waitFor();
  await messages.getByText('hello from a test').first().waitFor();
}

/** From the list of services to one's page, where it is restarted. */
export async function restartCart(shop: ShopConsole): Promise<void> {
  const { page, flotilla } = shop;
  await shop.view('Services').click();
  await page.getByRole('table', { name: 'Services' }).waitFor();
  await shop.expectAccessible();
  await page.getByRole('row', { name: 'cart, Healthy' }).dblclick();
  await page.getByRole('heading', { name: /cart Healthy/ }).waitFor();
  await shop.expectAccessible();
  const startedAt = async (): Promise<string | null | undefined> =>
    (await flotilla.json<ServiceView[]>('services')).find((one) => one.id === 'cart')?.startedAt;
  const before = await startedAt();
  await page.getByRole('button', { name: 'Restart', exact: true }).click();
  await page.getByText('cart is restarting.').waitFor();
  await expect.poll(startedAt, { timeout: 60_000, interval: 1000 }).not.toBe(before);
  await page.getByRole('heading', { name: /cart Healthy/ }).waitFor();
  await shop.fleetIs(/^Fleet: Healthy/);
}

/** The engine dies and comes back: the page says so, keeps what it shows, and goes on where it was. */
export async function outliveTheEngine(shop: ShopConsole, ground: ShopGround): Promise<void> {
  const { page, flotilla } = shop;
  await shop.view('Topology').click();
  await shop.node('payments').click();
  const drawer = page.getByRole('complementary', { name: 'Details of payments' });
  await drawer.waitFor();
  const address = page.url();
  await shop.withoutEngine(async () => {
    await page.getByText('The engine does not answer').waitFor();
    expect(await shop.node('payments').count()).toBe(1);
    const up = await flotilla.run('up', '--runtime', ground.runtime, '--headless');
    expect(up.code, up.stderr).toBe(0);
    await page.getByText('The engine does not answer').waitFor({ state: 'detached' });
  });
  await shop.fleetIs(new RegExp(`^Fleet: Healthy · ${ground.services} services`));
  expect(page.url()).toBe(address);
  await drawer.waitFor();
  // It is the new engine's data that is shown: an edge has traffic.
  await edgeWithTraffic(shop);
}

/** Nothing but the engine is left running. */
export async function stopShop(shop: ShopConsole): Promise<void> {
  await shop.page.getByRole('button', { name: 'Stop fleet' }).click();
  await shop.page.getByRole('heading', { name: 'No fleet is running' }).waitFor();
  const { client, endpoint } = await shop.flotilla.engine();
  client.close();
  expect((await shop.flotilla.processes()).filter((one) => one.marked).map((one) => one.pid)).toEqual([endpoint.pid]);
  await shop.expectAccessible();
}
