import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { FaultTarget } from '../../main/contract/index.ts';
import { type ConsoleUnderTest, describeConsole, seriousProblems } from './support/console.ts';

const BREAK = '/topology?sel=orders~payments&tab=break';
const PAYMENTS: FaultTarget = { kind: 'edge', from: 'orders', to: 'payments' };

const flag = (page: Page, edge: string) => page.locator(`.gedge-flag[data-edge="${edge}"]`);
const panel = (page: Page) => page.getByRole('region', { name: 'Break this' });
const stopAll = (page: Page) => page.getByRole('banner').getByRole('button', { name: /Stop all/ });
const add = (on: ConsoleUnderTest, kind: string, target: FaultTarget, forSeconds: number | null = 60) =>
  on.engine.faults.add({ kind, target, parameters: {}, forSeconds, experiment: null });

/** Waits until what is typed goes there. */
const hasFocus = (locator: Locator): Promise<unknown> =>
  expect.poll(() => locator.evaluate((element) => element === document.activeElement)).toBe(true);

describeConsole('breaking an edge', (openConsole) => {
  it('finds a fault, corrects it, injects it, shows it count down, and ends it: by keys alone', async () => {
    const on = await openConsole({ path: BREAK });
    const { page } = on;
    await hasFocus(panel(page).getByRole('combobox', { name: 'Find a fault' }));
    await page.keyboard.type('latency 2 s, 50');
    await panel(page)
      .getByRole('option', { name: 'Latency 2 s, 50 % of requests, for 30 s', selected: true })
      .waitFor();
    await page.keyboard.press('Enter');
    const form = page.getByRole('form', { name: 'Delayed requests on orders → payments' });
    await form
      .getByRole('status')
      .filter({ hasText: /about 12\.0 requests\/s from orders, 50 % of them/ })
      .waitFor();
    expect(page.url()).toContain('fault=http-delay;latencyMs=2000;percent=50;for=30');
    await hasFocus(form.getByLabel('Latency'));
    await form.getByLabel('Share').fill('150');
    await form.getByText('A number from 0.1 to 100 %.').waitFor();
    expect(await form.getByRole('button', { name: 'Inject' }).isDisabled()).toBe(true);
    await form.getByLabel('Share').fill('25');
    await form.getByRole('status').filter({ hasText: '25 % of them' }).waitFor();
    await form.getByLabel('Share').press('Enter');
    await flag(page, 'orders~payments').getByText('Delayed requests').waitFor();
    expect(on.engine.state().chaos.faults).toMatchObject([
      { kind: 'http-delay', target: PAYMENTS, parameters: { latencyMs: 2000, percent: 25 } },
    ]);
    const left = async () => Number(/(\d+) s/.exec((await flag(page, 'orders~payments').textContent()) ?? '')?.[1]);
    const first = await left();
    await expect.poll(left).toBeLessThan(first);
    await panel(page).getByRole('button', { name: 'End now: Delayed requests 2 s, 25 %' }).press('Enter');
    await flag(page, 'orders~payments').waitFor({ state: 'detached' });
    expect(await stopAll(page).count()).toBe(0);
  });

  it('leads from an edge, its flag and its menu to what is on it', async () => {
    const on = await openConsole({ path: '/topology' });
    const { page } = on;
    add(on, 'latency', PAYMENTS);
    await flag(page, 'orders~payments').click();
    const drawer = page.getByRole('complementary', { name: 'Details of orders to payments' });
    await drawer.getByRole('listitem').filter({ hasText: 'Latency 1 s' }).waitFor();
    await page.locator('.gedge-label[data-edge="orders~inventory"]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Break this …' }).click();
    await panel(page).getByRole('combobox', { name: 'Find a fault' }).waitFor();
    expect(page.url()).toMatch(/sel=orders~inventory.*tab=break/);
  });

  it('flags every edge over which a call goes, and counts several faults', async () => {
    const on = await openConsole({ path: '/topology' });
    add(on, 'refuse', { kind: 'edge', from: 'shipping', to: 'kafka' });
    add(on, 'latency', PAYMENTS);
    add(on, 'hang', PAYMENTS, null);
    await flag(on.page, 'kafka/order-events~shipping').getByText('Connection refused').waitFor();
    await flag(on.page, 'shipping~kafka/shipping-events').waitFor();
    await flag(on.page, 'orders~payments').getByText('2 faults').waitFor();
    await on.open('/topology?sel=kafka/order-events~shipping&tab=break');
    await panel(on.page).getByText('These calls speak kafka, not HTTP.').first().waitFor();
  });

  it('says why an edge without a link cannot be broken', async () => {
    const on = await openConsole({ path: '/topology?sel=payments~bank&tab=break' });
    const note = panel(on.page).getByRole('note');
    await note.getByText('No link stands in these calls').waitFor();
    await note.getByText(/there is no edge payments->bank/).waitFor();
    await note.getByText('What can be broken').click();
    await note.getByText(/orders->payments/).waitFor();
    expect(await on.page.getByRole('combobox', { name: 'Find a fault' }).count()).toBe(0);
  });

  it('shows what the engine refuses, with its remedy', async () => {
    const on = await openConsole({ path: `${BREAK}&fault=http-header;name=x` });
    const form = on.page.getByRole('form', { name: 'Changed header on orders → payments' });
    await form.getByRole('status').waitFor();
    await on.stopServer();
    await form.getByRole('button', { name: 'Inject' }).click();
    await form.getByRole('alert').getByText('ENGINE_UNREACHABLE').first().waitFor();
  });

  it('shows no flags on a picture of the past, and says that faults act now', async () => {
    const on = await openConsole({ path: '/topology' });
    add(on, 'latency', PAYMENTS);
    await flag(on.page, 'orders~payments').waitFor();
    const now = Date.now();
    await on.open(`${BREAK}&from=${now - 300_000}&to=${now - 240_000}`);
    await panel(on.page).getByText('This is a picture of the past').waitFor();
    expect(await on.page.locator('.fault-flag').count()).toBe(0);
    await panel(on.page).getByRole('button', { name: 'Back to live' }).click();
    await flag(on.page, 'orders~payments').waitFor();
  });
});

describeConsole('breaking a service', (openConsole) => {
  it('offers what its runtime can do, and says why not the rest', async () => {
    const on = await openConsole({ path: '/topology?sel=inventory&tab=break' });
    const { page } = on;
    const limit = panel(page).getByRole('option', { name: /Processor limit/ });
    await limit.getByText(/Only a container has limits/).waitFor();
    expect(await limit.getAttribute('aria-disabled')).toBe('true');
    await panel(page).getByRole('option', { name: 'Pause, for 30 s' }).click();
    const form = page.getByRole('form', { name: 'Pause on inventory' });
    expect(await form.getByLabel('Copies').count()).toBe(0);
    await form.getByRole('button', { name: '10 s', exact: true }).click();
    await form.getByRole('button', { name: 'Inject' }).click();
    await page.locator('.react-flow__node[data-id="inventory"]').getByText('Pause').waitFor();
    await on.open('/services');
    await page
      .getByRole('row', { name: /inventory/ })
      .getByText(/Pause/)
      .waitFor();
    await page
      .getByRole('row', { name: /inventory/ })
      .getByText(/Pause/)
      .waitFor({ state: 'detached' });
  });

  it('breaks a server by the databases that are drawn in its place', async () => {
    const on = await openConsole({ path: '/topology?sel=postgres/orders' });
    await on.page.getByRole('tab', { name: 'Break postgres' }).click();
    await panel(on.page)
      .getByRole('option', { name: /Locked table/ })
      .waitFor();
    expect(
      await panel(on.page)
        .getByRole('option', { name: /Expired keys/ })
        .count(),
    ).toBe(0);
    add(on, 'pause', { kind: 'service', service: 'postgres' });
    await on.page.locator('.react-flow__node[data-id="postgres/catalog"]').getByText('Pause').waitFor();
  });

  it('says that a fault cannot be taken off, and why', async () => {
    const on = await openConsole({ path: BREAK });
    add(on, 'latency', PAYMENTS);
    on.engine.faults.isStuck = true;
    await panel(on.page)
      .getByRole('button', { name: /^End now/ })
      .click();
    await panel(on.page)
      .getByText(/does not answer: connection refused\. It is tried again\./)
      .waitFor();
    await flag(on.page, 'orders~payments').getByText('failed').waitFor();
  });
});

describeConsole('stopping everything', (openConsole) => {
  it('by one key from wherever the keys go, and refuses new faults until they are released', async () => {
    const on = await openConsole({ path: BREAK });
    const { page } = on;
    add(on, 'latency', PAYMENTS);
    add(on, 'pause', { kind: 'service', service: 'inventory' });
    await stopAll(page).getByText('2 faults').waitFor();
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Chaos, 2 faults on' }).waitFor();
    await page.getByRole('combobox', { name: 'Search logs, traces and services' }).fill('service:orders');
    await page.keyboard.press('Control+.');
    await page.getByText('Faults are stopped; no new ones are put on.').waitFor();
    expect(on.engine.state().chaos).toMatchObject({ faults: [], isBlocked: true });
    expect(await stopAll(page).count()).toBe(0);
    await panel(page).getByText('Faults are stopped').waitFor();
    await panel(page).getByRole('button', { name: 'Release' }).click();
    await page.getByText('Faults are stopped; no new ones are put on.').waitFor({ state: 'detached' });
    await panel(page).getByRole('combobox', { name: 'Find a fault' }).waitFor();
  });

  it('by the same key over a dialog, by the button, and from the palette', async () => {
    const on = await openConsole({ path: '/chaos/experiments' });
    const { page } = on;
    const isOff = () => expect.poll(() => on.engine.state().chaos.isBlocked).toBe(true);
    const release = async () => {
      await page.getByRole('button', { name: 'Release' }).click();
      await expect.poll(() => on.engine.state().chaos.isBlocked).toBe(false);
    };
    add(on, 'latency', PAYMENTS);
    await page.getByRole('button', { name: 'New experiment' }).click();
    await page.keyboard.press('Control+.');
    await isOff();
    await page.keyboard.press('Escape');
    await release();
    add(on, 'latency', PAYMENTS);
    await stopAll(page).click();
    await isOff();
    await release();
    add(on, 'latency', PAYMENTS);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Command palette' }).fill('stop all');
    await page.keyboard.press('Enter');
    await isOff();
  });
});

describeConsole('the Chaos view', (openConsole) => {
  it('lists what is on, leads to where it is, and ends one', async () => {
    const on = await openConsole({ path: '/chaos' });
    const { page } = on;
    await page.getByRole('heading', { name: 'Nothing is broken on purpose' }).waitFor();
    add(on, 'latency', PAYMENTS);
    add(on, 'refuse', { kind: 'edge', from: 'orders', to: 'postgres' });
    const row = page.getByRole('row', { name: 'Latency 1 s on orders → payments' });
    await row.getByText(/^\d+ s$|^1:00$/).waitFor();
    await page
      .getByRole('row', { name: /orders → postgres/ })
      .getByRole('button', { name: 'orders → postgres', exact: true })
      .click();
    await page
      .getByRole('complementary', { name: /^Details of/ })
      .getByText('Connection refused')
      .waitFor();
    await row.getByRole('button', { name: /^End now/ }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /orders → postgres/ }).waitFor();
  });

  it('describes every fault and puts one on from there, all of it in the address', async () => {
    const on = await openConsole({ path: '/chaos/catalogue' });
    const { page } = on;
    await page.getByRole('searchbox', { name: 'Find a fault' }).fill('lock');
    await page
      .getByRole('navigation', { name: 'Faults' })
      .getByRole('button', { name: /Locked table/ })
      .click();
    await page
      .getByRole('article', { name: 'Locked table' })
      .getByText('Statements on it give up by a timeout')
      .first()
      .waitFor();
    const form = page.getByRole('form', { name: 'Locked table on postgres' });
    await form.getByText('Database is needed.').waitFor();
    await form.getByLabel('Database').fill('orders');
    await form.getByLabel('Table').fill('order_views');
    await form.getByRole('button', { name: 'Inject' }).click();
    await expect.poll(() => on.engine.state().chaos.faults).toMatchObject([{ kind: 'postgres-lock' }]);
    await on.open('/chaos/catalogue?fault=disconnect');
    await page
      .getByRole('region', { name: 'Put it on' })
      .getByText(/Only a container has limits/)
      .waitFor();
    await on.open('/chaos/catalogue?fault=refuse&on=cart~redis');
    await page.getByRole('form', { name: 'Connection refused on cart → redis' }).waitFor();
  });

  it('says what there is not: no fleet, one that is only attached to, no experiments, no runs', async () => {
    const on = await openConsole({ path: '/chaos', phase: 'none' });
    const { page } = on;
    await page
      .getByRole('note')
      .getByText(/No fleet runs/)
      .waitFor();
    await on.open('/chaos/experiments');
    await page.getByRole('heading', { name: 'No fleet, no experiments' }).waitFor();
    on.engine.experiments.empty();
    await on.open('/chaos/runs');
    await page.getByRole('heading', { name: 'No experiment was run yet' }).waitFor();
    await on.open('/chaos/runs/nothing');
    await page
      .getByRole('alert')
      .getByText(/there is no run nothing/)
      .waitFor();
    await on.open('/chaos/compare');
    await page.getByRole('heading', { name: 'Which two runs?' }).waitFor();
    await on.engine.handlers['fleet.attach']({ project: 'theirs' }, new AbortController().signal);
    await on.open('/chaos');
    await page
      .getByRole('note')
      .getByText(/did not start it: no link stands in its calls/)
      .waitFor();
    await on.open(BREAK);
    await panel(page)
      .getByRole('note')
      .getByText(/there is no edge orders->payments/)
      .waitFor();
    await panel(page).getByText('What can be broken').click();
    await panel(page)
      .getByText(/nothing in this fleet/)
      .waitFor();
  });

  it('has an empty folder say how to begin, and makes an experiment that can be run', async () => {
    const on = await openConsole({ path: '/chaos/experiments' });
    const { page } = on;
    on.engine.experiments.empty();
    await page.getByRole('heading', { name: 'This fleet has no experiments yet' }).waitFor();
    await page.getByRole('main').getByRole('button', { name: 'New experiment' }).last().click();
    const dialog = page.getByRole('dialog', { name: 'New experiment' });
    await dialog.getByLabel('Title').fill('Payments answer late');
    await dialog.getByText('experiments/payments-answer-late.yaml').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Payments answer late', level: 1 }).waitFor();
    await page.getByText('No problem found').waitFor();
    expect(page.url()).toContain('/chaos/experiments/payments-answer-late.yaml');
    expect(await page.getByRole('button', { name: 'Run', exact: true }).isEnabled()).toBe(true);
  });
});

describeConsole('an experiment', (openConsole) => {
  it('is checked as one types, leads to its errors, and is saved', async () => {
    const on = await openConsole({ path: '/chaos/experiments/half-written.yaml' });
    const { page } = on;
    const text = page.getByRole('textbox', { name: 'Text of half-written.yaml' });
    const problem = page.getByRole('region', { name: 'Problems' }).getByRole('button');
    await problem.getByText('10:15').waitFor();
    await problem.click();
    const caret = () =>
      text.evaluate((area: HTMLTextAreaElement) => area.value.slice(0, area.selectionStart).split('\n').length);
    expect(await caret()).toBe(10);
    expect(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true);
    await text.press('End');
    for (let at = 0; at < 'python'.length; at++) await text.press('Backspace');
    await page.keyboard.type('http');
    await text.press('Enter');
    await page.keyboard.type('url: http://127.0.0.1/');
    await expect.poll(() => problem.count()).toBeLessThan(2);
    await page.getByText(/not saved/).waitFor();
    // A look elsewhere loses nothing.
    await page.getByRole('radio', { name: 'Catalogue' }).click();
    await page.getByRole('navigation', { name: 'Faults' }).waitFor();
    await page.goBack();
    expect(await text.inputValue()).toContain('type: http\n        url: http://127.0.0.1/');
    await text.press('Control+s');
    await page.getByText('half-written.yaml is saved.').waitFor();
    await expect.poll(() => page.getByText(/not saved/).count()).toBe(0);
  });

  it('lets the keys out of its text by Escape and Tab', async () => {
    const on = await openConsole({ path: '/chaos/experiments/slow-payments.yaml' });
    const text = on.page.getByRole('textbox', { name: 'Text of slow-payments.yaml' });
    await text.focus();
    const before = await text.inputValue();
    await on.page.keyboard.press('Tab');
    expect(await text.inputValue()).toBe(`  ${before}`);
    await on.page.keyboard.press('Escape');
    await on.page.keyboard.press('Tab');
    expect(await text.evaluate((area) => area === document.activeElement)).toBe(false);
    expect(await text.inputValue()).toBe(`  ${before}`);
  });

  it('runs, shows how far it is, holds, goes on, and tells its verdict', async () => {
    const on = await openConsole({ path: '/chaos/experiments', startStepMs: 300 });
    const { page } = on;
    await page.getByRole('button', { name: 'Run Slow payments' }).click();
    await expect.poll(() => page.url()).toContain('/chaos/runs/run-new-1');
    await page.getByText('Steady state before').first().waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('It holds before the next step.').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    // The fault that it puts on is where faults are.
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Latency 2 s' })
      .getByText(/put on by Slow payments/)
      .waitFor();
    await page.getByRole('region', { name: 'Verdict' }).getByText('Passed').waitFor();
    await page.getByRole('button', { name: /Slow payments \(until/ }).waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('button', { name: 'Abort' }).click();
    await page.getByRole('region', { name: 'Verdict' }).getByText('Aborted').waitFor();
  });

  it('is run dry, without saving what was changed', async () => {
    const on = await openConsole({ path: '/chaos/experiments/slow-payments.yaml' });
    await on.page.getByRole('button', { name: 'More to do with slow-payments.yaml' }).click();
    await on.page.getByRole('menuitem', { name: 'Dry run: probes only' }).click();
    await on.page.getByText('dry run').first().waitFor();
    await on.page
      .getByRole('region', { name: 'Verdict' })
      .getByText(/A dry run/)
      .waitFor();
    expect(on.engine.state().chaos.faults).toEqual([]);
  });

  it('is given variables by keys, told at once what is wrong with one, and run again with the same', async () => {
    const on = await openConsole({ path: '/chaos/experiments/slow-payments.yaml' });
    const { page } = on;
    const form = page.getByRole('form', { name: 'Variables' });
    const patience = form.getByRole('textbox', { name: 'patience_ms' });
    const run = page.getByRole('button', { name: 'Run', exact: true });
    await patience.waitFor();
    // What the engine supplies is not among them.
    expect(await form.locator('label').allTextContents()).toEqual([
      'patience_ms',
      'slow_seconds',
      'ask_twice',
      'region',
    ]);
    await form.getByText('SLOW_SECONDS of the environment, else this').waitFor();
    await patience.fill('2 s');
    await form.getByText('The variable patience_ms is a number in the file, not 2 s.').waitFor();
    expect(await run.isDisabled()).toBe(true);
    await patience.press('Enter');
    await patience.fill('2000');
    await form.getByText('Changed from 800').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await form.getByText('Changed from 800').waitFor({ state: 'detached' });
    expect(await patience.inputValue()).toBe('800');
    expect(await patience.evaluate((field) => field === document.activeElement)).toBe(true);
    await patience.fill('2000');
    // A look elsewhere loses nothing.
    await page.getByRole('radio', { name: 'Catalogue' }).click();
    await page.getByRole('navigation', { name: 'Faults' }).waitFor();
    await page.goBack();
    await form.getByText('1 change for the next run').waitFor();
    await form.getByRole('combobox', { name: 'ask_twice' }).selectOption('true');
    await form.getByRole('combobox', { name: 'ask_twice' }).press('Enter');
    await expect.poll(() => page.url()).toContain('/chaos/runs/run-new-1');
    const told = page.getByRole('region', { name: 'Variables' });
    await told.getByText('2000').waitFor();
    const given = () => on.engine.state().chaos.experiment?.variables;
    expect(given()).toEqual({ patience_ms: '2000', ask_twice: 'true' });
    await page.getByRole('region', { name: 'Verdict' }).waitFor();
    await page.getByRole('button', { name: 'Run again' }).click();
    await expect.poll(() => page.url()).toContain('/chaos/runs/run-new-2');
    await told.getByText('2000').waitFor();
    expect(given()).toEqual({ patience_ms: '2000', ask_twice: 'true' });
  });

  it('without variables asks for none, and its run tells of none', async () => {
    const on = await openConsole({ path: '/chaos/experiments/dead-inventory.yaml' });
    const { page } = on;
    await page.getByRole('complementary', { name: 'What it does' }).getByText('Method').waitFor();
    expect(await page.getByRole('form', { name: 'Variables' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('region', { name: 'Verdict' }).getByText('Passed').waitFor();
    expect(await page.getByRole('region', { name: 'Variables' }).count()).toBe(0);
    expect(on.engine.state().chaos.experiment?.variables).toEqual({});
  });

  it('keeps its runs: found by verdict and text, read, downloaded, and two compared', async () => {
    const on = await openConsole({ path: '/chaos/runs' });
    const { page } = on;
    const rows = page.getByRole('table', { name: 'Runs' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(4);
    await page.getByRole('searchbox', { name: 'Find a run' }).fill('slow');
    await expect.poll(() => rows.count()).toBe(2);
    await page.getByLabel('Verdict').selectOption('Deviated');
    await expect.poll(() => rows.count()).toBe(1);
    expect(page.url()).toMatch(/find=slow.*verdict=Deviated|verdict=Deviated.*find=slow/);
    await rows.first().click();
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await verdict.getByText(/“Answers are quick” was not met/).waitFor();
    await page.getByRole('figure', { name: /^Errors over the run/ }).waitFor();
    await page.getByRole('button', { name: 'Download' }).click();
    const file = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Report (HTML, one file)' }).click();
    expect((await file).suggestedFilename()).toBe('run-1-html.html');
    await page.getByRole('button', { name: 'Show this time' }).click();
    await expect.poll(() => page.url()).toMatch(/from=\d+.*to=\d+/);
    await on.open('/chaos/runs');
    await expect.poll(() => rows.count()).toBe(4);
    for (const box of await page.getByRole('checkbox', { name: /Slow payments/ }).all()) await box.check();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('1 step came out otherwise').waitFor();
    await page
      .getByRole('row', { name: /^Differs: Answers are quick/ })
      .getByText('Not met')
      .waitFor();
    await page.getByRole('combobox', { name: /^Requests/ }).selectOption('to orders');
    await expect.poll(() => page.url()).toContain('of=orders');
  });

  it('is opened and run from the palette, which breaks edges too', async () => {
    const on = await openConsole({ path: '/logs' });
    const { page } = on;
    const choose = async (text: string) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Command palette' }).fill(text);
      await page.getByRole('option', { name: text }).first().waitFor();
      await page.keyboard.press('Enter');
    };
    await choose('Break orders → payments');
    await hasFocus(panel(page).getByRole('combobox', { name: 'Find a fault' }));
    await page.keyboard.type('503');
    await panel(page).getByRole('option', { name: /503/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('form', { name: 'Error answer on orders → payments' }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => on.engine.state().chaos.faults).toMatchObject([{ kind: 'http-abort', target: PAYMENTS }]);
    await hasFocus(panel(page).getByRole('combobox', { name: 'Find a fault' }));
    await choose('Fault: Locked table');
    await page.getByRole('article', { name: 'Locked table' }).waitFor();
    await choose('Open experiment Dead inventory');
    await page.getByRole('heading', { name: 'Dead inventory', level: 1 }).waitFor();
    await choose('Run experiment Slow payments');
    await expect.poll(() => page.url()).toContain('/chaos/runs/run-new-1');
  });
});

const VIEWS = [
  '/topology',
  '/topology?sel=orders~payments',
  BREAK,
  `${BREAK}&fault=http-abort;percent=150`,
  '/topology?sel=payments~bank&tab=break',
  '/topology?sel=inventory&tab=break',
  '/services',
  '/chaos',
  '/chaos/catalogue',
  '/chaos/catalogue?fault=kafka-flood',
  '/chaos/experiments',
  '/chaos/experiments/slow-payments.yaml',
  '/chaos/experiments/half-written.yaml',
  '/chaos/runs',
  '/chaos/runs/run-1',
  '/chaos/compare?a=run-1&b=run-2',
];

describe('axe', () => {
  for (const theme of ['dark', 'light', 'stage'] as const) {
    describeConsole(`in the ${theme} theme`, (openConsole) => {
      it('finds nothing serious with faults on, with an experiment running, and when all is stopped', async () => {
        const on = await openConsole({ theme, startStepMs: 3000 });
        add(on, 'latency', PAYMENTS, 600);
        add(on, 'pause', { kind: 'service', service: 'inventory' }, null);
        const found: string[] = [];
        const look = async (view: string) => {
          await on.open(view);
          await on.page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
          for (const problem of await seriousProblems(on.page)) found.push(`${view}: ${problem}`);
        };
        for (const view of VIEWS) await look(view);
        await on.page.goto(`${on.url}/chaos/experiments`);
        await on.page.getByRole('button', { name: 'Run Slow payments' }).click();
        await on.page.getByRole('button', { name: 'Abort' }).waitFor();
        for (const problem of await seriousProblems(on.page)) found.push(`running: ${problem}`);
        await on.page.keyboard.press('Control+.');
        await on.page.getByText('Faults are stopped; no new ones').waitFor();
        await look(BREAK);
        expect(found).toEqual([]);
      }, 300_000);
    });
  }
});
