import { expect, it } from 'vitest';
import { type ConsoleUnderTest, describeConsole } from './support/console.ts';

/** The texts of elements that lie over each other, two by two. Runs in the page. */
function overlapping(elements: Element[]): string[] {
  const boxes = elements.map((element) => ({ text: element.textContent, at: element.getBoundingClientRect() }));
  return boxes.flatMap(({ text, at }, index) =>
    boxes
      .slice(index + 1)
      .filter(
        (other) =>
          at.left < other.at.right && other.at.left < at.right && at.top < other.at.bottom && other.at.top < at.bottom,
      )
      .map((other) => `${text} over ${other.text}`),
  );
}

describeConsole('the console', (open) => {
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

  it('has room for what is said of a call that fails', async () => {
    const on = await open();
    await node(on, 'payments').waitFor();
    for (const id of ['payments', 'inventory', 'analytics', 'catalog', 'cart']) on.engine.fail(id);
    await on.page.locator('[data-edge="orders~inventory"]', { hasText: /% of .* fail/ }).waitFor();
    await on.page.locator('[data-edge="orders~payments"]', { hasText: /% of .* fail/ }).waitFor();
    const labels = on.page.locator('.gedge-label:not([hidden])');
    expect(await labels.count()).toBeGreaterThan(20);
    expect(await labels.evaluateAll(overlapping)).toEqual([]);
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

  it('shows the states of the time that is looked at, and what is not known as unknown', async () => {
    const on = await open();
    await node(on, 'inventory').waitFor();
    const { marks, fleet } = on.engine.state();
    const exit = marks.find((mark) => mark.kind === 'exit' && mark.service === 'inventory');
    const startedMs = Date.parse(fleet?.startedAt ?? '');
    on.engine.fail('payments');
    await on.page.getByRole('status', { name: /Degraded/ }).waitFor();
    const lookAt = (fromMs: number, toMs: number, more = '') => on.open(`/topology?from=${fromMs}&to=${toMs}${more}`);
    const exitMs = exit?.atMs ?? 0;
    await lookAt(exitMs - 10_000, exitMs + 5_000, '&sel=payments');
    await node(on, 'inventory').getByRole('img', { name: 'Exited' }).waitFor();
    await node(on, 'payments').getByRole('img', { name: 'Healthy' }).waitFor();
    await on.page
      .getByRole('complementary', { name: 'Details of payments' })
      .getByText('Healthy then, restarting now')
      .waitFor();
    expect(await on.page.getByRole('region', { name: /^Why/ }).count()).toBe(0);
    await lookAt(startedMs - 60_000, startedMs - 30_000);
    await node(on, 'orders').getByText('Unknown', { exact: true }).waitFor();
    expect(await on.page.locator('.gnode-tone-error, .gnode-tone-ok').count()).toBe(0);
    await on.open(`/services?from=${exitMs - 10_000}&to=${exitMs + 5_000}`);
    await on.page.getByRole('row', { name: 'inventory, Exited' }).waitFor();
    await on.page.getByRole('row', { name: 'payments, Healthy' }).waitFor();
  });

  it('lays the topology out again when that failed', async () => {
    const on = await open({ path: '/services' });
    await on.page.route(/elk-worker/, (route) => route.abort());
    await on.page.getByRole('link', { name: 'Topology' }).click();
    await on.page.getByText('the layout of the topology could not be worked out').waitFor();
    await on.page.unroute(/elk-worker/);
    await on.page.getByRole('button', { name: 'Try again' }).click();
    await node(on, 'orders').waitFor();
  });

  it('sets the traffic by a number, within its bounds', async () => {
    const on = await open();
    await on.page.getByRole('button', { name: 'Traffic: 24 journeys/s' }).click();
    const field = on.page.getByRole('spinbutton', { name: 'Traffic in journeys/s, from 0 to 200' });
    await field.fill('201');
    await on.page.getByRole('alert').getByText('0 to 200').waitFor();
    await field.press('Enter');
    await field.press('Escape');
    await expect.poll(() => field.inputValue()).toBe('24');
    await field.fill('17.5');
    await field.press('Enter');
    await on.page.getByRole('button', { name: 'Traffic: 17.5 journeys/s', includeHidden: true }).waitFor();
    await expect.poll(() => on.engine.state().fleet?.dial?.value).toBe(17.5);
    // Of a generator that knows halves only, what it has made of it is shown and not what was wanted.
    await on.page.route(/fleet\.dial/, (route) =>
      route.continue({ postData: route.request().postData()?.replace('17.6', '17.5') ?? '' }),
    );
    await field.fill('17.6');
    await field.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('17.6');
    await expect.poll(() => field.inputValue()).toBe('17.5');
    await field.press('Escape');
    await field.waitFor({ state: 'detached' });
  });

  it('sends no search that it does not understand, and points at the word', async () => {
    const on = await open({ path: '/traces?q=status:bad' });
    await on.page.getByRole('alert').getByText('bad', { exact: true }).waitFor();
    await on.page.getByRole('button', { name: 'Show all traces' }).click();
    await on.page.getByRole('grid', { name: 'Traces' }).waitFor();
    const search = on.page.getByRole('combobox', { name: 'Search logs, traces and services' });
    await search.fill('duration>');
    await search.press('Enter');
    await on.page.getByRole('alert').waitFor();
    // What was found before stays.
    await on.page.getByRole('grid', { name: 'Traces' }).waitFor();
    expect(on.consoleErrors).toEqual([]);
  });

  it('shows a search only where it filters', async () => {
    const on = await open({ path: '/traces?q=service:orders' });
    const search = on.page.getByRole('combobox', { name: 'Search logs, traces and services' });
    await expect.poll(() => search.inputValue()).toBe('service:orders');
    await on.page.getByRole('link', { name: 'Kafka' }).click();
    await on.page.getByRole('table', { name: 'Topics' }).waitFor();
    await expect.poll(() => search.inputValue()).toBe('');
    await on.page.getByRole('link', { name: 'Traces' }).click();
    await expect.poll(() => search.inputValue()).toBe('service:orders');
  });

  it('keeps what fails in sight while the pointer is on something else', async () => {
    const on = await open();
    on.engine.fail('payments');
    const failing = on.page.locator('[data-edge="orders~payments"]');
    await failing.getByText(/fail/).waitFor();
    await node(on, 'redis').hover();
    await on.page.locator('.graph-hovering').waitFor();
    const opacity = (selector: string) =>
      on.page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).opacity);
    await expect.poll(() => opacity('.react-flow__node[data-id="gateway"] .gnode')).toBe('0.25');
    await expect.poll(() => opacity('[data-edge="orders~payments"]')).toBe('1');
    await expect.poll(() => opacity('.gedge-error')).toBe('1');
    await expect.poll(() => opacity('.react-flow__node[data-id="payments"] .gnode')).toBe('1');
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
