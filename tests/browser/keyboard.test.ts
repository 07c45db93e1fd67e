import { expect, it } from 'vitest';
import { type ConsoleUnderTest, describeConsole } from './support/console.ts';

describeConsole('keys and places', (open) => {
  const node = (on: ConsoleUnderTest, id: string) => on.page.locator(`.react-flow__node[data-id="${id}"]`);
  const focused = (on: ConsoleUnderTest) => on.page.evaluate(() => document.activeElement?.getAttribute('data-id'));

  it('gives the focus back to where it was when a dialog closes', async () => {
    const on = await open();
    await node(on, 'gateway').focus();
    for (const [keys, name] of [
      ['Control+k', 'Command palette'],
      ['?', 'Keyboard shortcuts'],
    ] as const) {
      await on.page.keyboard.press(keys);
      await on.page.getByRole('dialog', { name }).waitFor();
      await on.page.keyboard.press('Escape');
      await on.page.getByRole('dialog', { name }).waitFor({ state: 'detached' });
      await expect.poll(() => focused(on)).toBe('gateway');
    }
    await on.page.keyboard.press('Control+k');
    await on.page.getByRole('dialog', { name: 'Command palette' }).waitFor();
    await on.page.keyboard.type('search');
    await on.page.keyboard.press('Enter');
    await expect.poll(() => on.page.evaluate(() => document.activeElement?.id)).toBe('search');
  });

  it('passes over the details of a span that is open', async () => {
    const on = await open({ path: '/traces' });
    await on.page.getByRole('row').nth(2).dblclick();
    const spans = on.page.getByRole('grid', { name: 'Spans' });
    await spans.focus();
    const active = () => spans.evaluate((element) => element.getAttribute('aria-activedescendant'));
    await on.page.keyboard.press('Home');
    await on.page.keyboard.press('Enter');
    await on.page.locator('.span-details').waitFor();
    const opened = await active();
    await on.page.keyboard.press('ArrowDown');
    await expect.poll(active).not.toBe(opened);
    await on.page.keyboard.press('ArrowUp');
    await expect.poll(active).toBe(opened);
  });

  it('leaves a node where it was put when another is chosen', async () => {
    const on = await open();
    await node(on, 'gateway').waitFor();
    const box = await node(on, 'payments').boundingBox();
    if (!box) throw new Error('payments has no box');
    await on.page.mouse.move(box.x + 30, box.y + 20);
    await on.page.mouse.down();
    await on.page.mouse.move(box.x + 130, box.y + 90, { steps: 6 });
    await on.page.mouse.up();
    const placed = () => node(on, 'payments').evaluate((element) => element.style.transform);
    const there = await placed();
    await node(on, 'orders').click();
    await on.page.getByRole('complementary', { name: 'Details of orders' }).waitFor();
    expect(await placed()).toBe(there);
  });

  it('finds the traces over an edge from its menu', async () => {
    const on = await open();
    await on.page.locator('[data-edge="orders~payments"]').click({ button: 'right' });
    await on.page.getByRole('menuitem', { name: 'Traces to payments' }).click();
    await on.page.getByRole('grid', { name: 'Traces' }).waitFor();
  });

  it('keeps the row of a trace while others come', async () => {
    const on = await open({ path: '/traces' });
    const list = on.page.getByRole('grid', { name: 'Traces' });
    await on.page.mouse.move(700, 5);
    await list.focus();
    await on.page.keyboard.press('ArrowDown');
    await on.page.keyboard.press('ArrowDown');
    await on.page.getByText('held while you are at them').waitFor();
    const chosen = () => list.locator('[aria-selected="true"]').allTextContents();
    const first = () => list.getByRole('row').first().textContent();
    const [trace, newest] = [await chosen(), await first()];
    await on.page.getByRole('button', { name: 'Errors' }).focus();
    await expect.poll(first, { timeout: 20_000 }).not.toBe(newest);
    // Gone out of sight by now, or still the same.
    expect([trace, []]).toContainEqual(await chosen());
  });

  it('goes from mark to mark of the timeline', async () => {
    const on = await open({ path: '/services' });
    await on.page.locator('.timeline-mark').first().waitFor();
    await on.page.getByRole('group', { name: /^Timeline/ }).focus();
    const label = () => on.page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    const group = await label();
    await on.page.keyboard.press('ArrowUp');
    await expect.poll(label).not.toBe(group);
    expect(await label()).toMatch(/^\d\d:\d\d:\d\d /);
  });

  it('marks the traces that may still grow, and no others', async () => {
    const on = await open({ path: '/traces' });
    const rows = on.page.getByRole('grid', { name: 'Traces' }).getByRole('row');
    await rows.first().getByText('still arriving').waitFor();
    expect(await rows.nth(15).getByText('still arriving').count()).toBe(0);
  });

  it('says who is refused, and not that nobody answers', async () => {
    const on = await open();
    const context = await on.page.context().browser()?.newContext();
    const page = await context?.newPage();
    if (!page) throw new Error('there is no page');
    await page.goto(`${on.url}/topology`);
    await page.getByRole('alert').getByText('This request carries no valid token.').waitFor();
    expect(await page.getByText('The engine does not answer').count()).toBe(0);
    await context?.close();
  });
});
