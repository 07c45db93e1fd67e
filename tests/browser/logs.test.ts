import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { LogRecord } from '../../main/contract/index.ts';
import { type ConsoleUnderTest, describeConsole, seriousProblems } from './support/console.ts';

describeConsole('the Logs view', (openConsole) => {
  const open = (path: string): Promise<ConsoleUnderTest> => openConsole({ path });
  const grid = (on: ConsoleUnderTest) => on.page.getByRole('treegrid', { name: 'Log lines' });
  const rows = (on: ConsoleUnderTest) => grid(on).getByRole('row');
  const count = async (on: ConsoleUnderTest) => Number(await grid(on).getAttribute('aria-rowcount'));
  const lastTime = (on: ConsoleUnderTest) => rows(on).last().locator('.log-time').textContent();

  it('follows the newest lines, holds when the reader scrolls up, and returns', async () => {
    const on = await open('/logs');
    await rows(on).first().waitFor();
    const before = await lastTime(on);
    await expect.poll(() => lastTime(on)).not.toBe(before);
    await grid(on).hover();
    await on.page.mouse.wheel(0, -600);
    await on.page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
    const held = await rows(on).nth(4).textContent();
    const fresh = on.page.getByRole('button', { name: /new lines?$/ });
    await fresh.waitFor();
    expect(await rows(on).nth(4).textContent()).toBe(held);
    await fresh.click();
    await on.page.getByRole('button', { name: 'Following' }).waitFor();
    await fresh.waitFor({ state: 'detached' });
    await on.page.keyboard.press('f');
    await on.page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
  });

  it('reads earlier lines when the reader reaches the first', async () => {
    const on = await open('/logs?last=10m');
    await rows(on).first().waitFor();
    const before = await count(on);
    await grid(on).focus();
    await on.page.keyboard.press('Home');
    await expect.poll(() => count(on)).toBeGreaterThanOrEqual(before + 500);
    // What was in sight stays in sight: the first line before is not the first now.
    expect(await grid(on).evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  });

  it('narrows by levels and services, which edit the search', async () => {
    const on = await open('/logs');
    on.engine.fail('payments');
    await on.page.getByRole('group', { name: 'Levels' }).getByRole('button', { name: 'Error' }).click();
    await expect.poll(() => on.page.url()).toContain('q=level:error%2Cfatal');
    await on.page.getByRole('group', { name: 'Levels' }).getByRole('button', { name: 'Warn' }).click();
    await expect.poll(() => on.page.url()).toContain('q=level:warn%2Cerror%2Cfatal');
    await rows(on).first().waitFor();
    await on.page.getByRole('button', { name: 'All services' }).click();
    await on.page.getByRole('menuitemcheckbox', { name: 'orders' }).click();
    await on.page.keyboard.press('Escape');
    await expect.poll(() => on.page.url()).toContain('service:orders');
    await expect
      .poll(async () => new Set(await rows(on).locator('.log-service').allTextContents()))
      .toEqual(new Set(['orders']));
    expect(new Set(await rows(on).locator('.log-word').allTextContents())).not.toContain('INFO');
    await on.page.getByRole('button', { name: 'Clear filter' }).click();
    await expect.poll(() => on.page.url()).not.toContain('q=');
  });

  it('shows all of a line, and filters by what it carries', async () => {
    const on = await open('/logs');
    await rows(on).first().waitFor();
    await grid(on).focus();
    await on.page.keyboard.press('ArrowUp');
    await on.page.keyboard.press('ArrowUp');
    await on.page.keyboard.press('Enter');
    const details = on.page.locator('.log-details');
    await details.getByRole('heading', { name: 'Attributes' }).waitFor();
    expect(await seriousProblems(on.page)).toEqual([]);
    await details.locator('.log-attribute', { hasText: 'user.id' }).hover();
    await details.getByRole('button', { name: /^Only lines with user.id/ }).click();
    await expect.poll(() => on.page.url()).toMatch(/q=%40user\.id:\d+/);
  });

  it('folds a line by keys, and leads from it to its trace', async () => {
    const on = await open('/logs');
    await rows(on).first().waitFor();
    await grid(on).focus();
    await on.page.keyboard.press('ArrowUp');
    await on.page.keyboard.press('ArrowUp');
    await on.page.keyboard.press('Enter');
    const details = on.page.locator('.log-details');
    await details.waitFor();
    await on.page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    await on.page.keyboard.press('Enter');
    await details.getByRole('link', { name: 'Open trace' }).click();
    await expect.poll(() => on.page.url()).toMatch(/\/traces\/[0-9a-f]{32}/);
  });

  it('points at the word that it does not understand, and keeps the last result', async () => {
    const on = await open('/logs');
    await rows(on).first().waitFor();
    await on.page.keyboard.press('/');
    await on.page.keyboard.type('level:wrong order');
    await on.page.keyboard.press('Enter');
    const problem = on.page.getByRole('alert');
    await problem.getByText('Level is one of').waitFor();
    expect(await problem.locator('mark').textContent()).toBe('wrong');
    expect(await rows(on).count()).toBeGreaterThan(5);
  });

  it('marks what was searched for, and says so when nothing matches', async () => {
    const on = await open('/logs?q=order');
    await expect.poll(() => rows(on).locator('mark').first().textContent()).toMatch(/order/i);
    await on.open('/logs?q=nowhere-to-be-found');
    await on.page.getByRole('heading', { name: 'No line matches' }).waitFor();
    await on.page.getByRole('main').getByRole('button', { name: 'Clear filter' }).last().click();
    await rows(on).first().waitFor();
  });

  it('takes a time from the histogram, and shows that time without following', async () => {
    const on = await open('/logs');
    const bars = on.page.locator('.log-histogram-box svg');
    await bars.locator('.log-bar-rest').nth(40).waitFor();
    const box = await bars.boundingBox();
    if (!box) throw new Error('the histogram is not in the page');
    await on.page.mouse.move(box.x + box.width * 0.4, box.y + 20);
    await on.page.mouse.down();
    await on.page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 });
    await on.page.mouse.up();
    await expect.poll(() => on.page.url()).toMatch(/from=\d+&to=\d+/);
    const { searchParams } = new URL(on.page.url());
    await rows(on).first().waitFor();
    await on.page.getByRole('button', { name: /^Follow/ }).waitFor({ state: 'detached' });
    const download = on.page.waitForEvent('download');
    await on.page.getByRole('button', { name: 'Copy and export' }).click();
    await on.page.getByRole('menuitem', { name: 'Export as JSON lines' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    const times = text
      .trim()
      .split('\n')
      .map((one) => Date.parse((JSON.parse(one) as LogRecord).time));
    expect(times.length).toBe(await count(on));
    // A line of a trace may end after the trace's start, by which the synthetic store finds it.
    expect(Math.min(...times)).toBeGreaterThanOrEqual(Number(searchParams.get('from')));
    expect(Math.max(...times)).toBeLessThan(Number(searchParams.get('to')) + 10_000);
  });

  it('copies the lines that were chosen', async () => {
    const on = await open('/logs');
    await on.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await rows(on).first().waitFor();
    await grid(on).focus();
    await on.page.keyboard.press('ArrowUp');
    await on.page.keyboard.press('Shift+ArrowUp');
    await on.page.keyboard.press('Shift+ArrowUp');
    await on.page.getByText('3 lines selected').waitFor();
    await on.page.keyboard.press('Control+c');
    await on.page.getByText('Copied 3 lines.').waitFor();
    const copied = await on.page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split('\n')).toHaveLength(3);
  });
});
