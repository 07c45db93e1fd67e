import { expect, it } from 'vitest';
import { FlotillaError } from '../../main/contract/index.ts';
import { type ConsoleUnderTest, describeConsole, seriousProblems } from './support/console.ts';

describeConsole('the Kafka view', (openConsole) => {
  const open = (path: string): Promise<ConsoleUnderTest> => openConsole({ path });
  const messages = (on: ConsoleUnderTest) => on.page.getByRole('treegrid', { name: 'Messages' });
  const rows = (on: ConsoleUnderTest) => messages(on).getByRole('row');
  const count = async (on: ConsoleUnderTest) => Number(await messages(on).getAttribute('aria-rowcount'));

  it('lists topics with who writes and reads them, and leads to one', async () => {
    const on = await open('/kafka');
    const row = on.page.getByRole('row', { name: 'order-events' });
    await row.getByText('orders', { exact: true }).waitFor();
    await row.getByText('analytics').waitFor();
    expect(await on.page.getByRole('row', { name: '__consumer_offsets' }).count()).toBe(0);
    await on.page.getByRole('button', { name: 'Internal' }).click();
    await on.page.getByRole('row', { name: '__consumer_offsets' }).waitFor();
    await row.click();
    await on.page.getByRole('heading', { name: /order-events/, level: 1 }).waitFor();
    await rows(on).first().waitFor();
    await on.open('/kafka?topic=shipping-jobs');
    await expect.poll(() => on.page.url()).toContain('/kafka/topics/shipping-jobs');
  });

  it('browses messages by partition, place and text, all of it in the address', async () => {
    const on = await open('/kafka/topics/order-events');
    await rows(on).first().waitFor();
    expect(await count(on)).toBe(100);
    await on.page.getByLabel('Partition', { exact: true }).selectOption('1');
    await expect.poll(() => on.page.url()).toContain('partition=1');
    await on.page.getByLabel('From', { exact: true }).selectOption('offset');
    await on.page.getByLabel('Offset', { exact: true }).fill('7');
    await on.page.getByLabel('Offset', { exact: true }).press('Enter');
    await expect.poll(() => rows(on).first().textContent()).toMatch(/^1 @ 7/);
    await on.page.getByLabel('Contains', { exact: true }).fill('OrderConfirmed');
    await on.page.getByLabel('Contains', { exact: true }).press('Enter');
    await expect
      .poll(async () => (await rows(on).allTextContents()).every((text) => text.includes('OrderConfirmed')))
      .toBe(true);
    await on.page.reload();
    await expect.poll(() => rows(on).first().textContent()).toMatch(/^1 @ \d+.*OrderConfirmed/);
    await on.page.getByLabel('Contains', { exact: true }).fill('nowhere-to-be-found');
    await on.page.getByLabel('Contains', { exact: true }).press('Enter');
    await on.page.getByRole('heading', { name: 'No message matches' }).waitFor();
    await on.page.getByRole('button', { name: 'Show the newest messages' }).click();
    await rows(on).first().waitFor();
  });

  it('unfolds a message by keys and leads to its trace', async () => {
    const on = await open('/kafka/topics/order-events');
    await rows(on).first().waitFor();
    await messages(on).focus();
    await on.page.keyboard.press('ArrowDown');
    await on.page.keyboard.press('Enter');
    const details = on.page.locator('.message-details');
    await details.getByText('traceparent').waitFor();
    expect(await details.locator('pre').last().textContent()).toContain('\n  "type": ');
    await details.getByRole('radio', { name: 'One line' }).click();
    expect(await details.locator('pre').last().textContent()).not.toContain('\n');
    await details.getByRole('radio', { name: 'Hex' }).click();
    expect(await details.locator('pre').first().textContent()).toMatch(/^000000 {2}[0-9a-f]{2} /);
    expect(await details.getByRole('link', { name: 'Open trace' }).getAttribute('href')).toMatch(
      /\/traces\/[0-9a-f]{32}/,
    );
    await messages(on).focus();
    await on.page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
  });

  it('shows new messages as they come when asked to', async () => {
    const on = await open('/kafka/topics/order-events');
    await rows(on).first().waitFor();
    await on.page.getByRole('button', { name: 'Live', exact: true }).click();
    const before = await rows(on).first().textContent();
    await expect.poll(() => rows(on).first().textContent()).not.toBe(before);
  });

  it('produces a message and shows it', async () => {
    const on = await open('/kafka/topics/shipping-jobs-dead');
    await on.page.getByRole('heading', { name: 'shipping-jobs-dead is empty' }).waitFor();
    await on.page.getByRole('button', { name: 'Produce' }).click();
    const dialog = on.page.getByRole('dialog', { name: 'Produce to shipping-jobs-dead' });
    await dialog.getByLabel('Key', { exact: true }).fill('order-1');
    await dialog.getByLabel('Value', { exact: true }).fill('{"parcel": 1');
    await dialog.getByText('not valid JSON: sent as text').waitFor();
    await dialog.getByLabel('Value', { exact: true }).fill('{"parcel":1}');
    await dialog.getByText('valid JSON', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Add a header' }).click();
    await dialog.getByLabel('Header name').fill('reason');
    await dialog.getByLabel('Header value').fill('tried by hand');
    expect(await seriousProblems(on.page)).toEqual([]);
    await on.page.keyboard.press('Control+Enter');
    await on.page.getByText('Written to partition 0 at offset 0.').waitFor();
    const details = on.page.locator('.message-details');
    await details.getByText('tried by hand').waitFor();
    expect(await details.locator('pre').last().textContent()).toBe('{\n  "parcel": 1\n}');
  });

  it('shows groups, their members and how far behind each partition is', async () => {
    const on = await open('/kafka');
    await on.page.getByRole('radio', { name: 'Consumer groups' }).click();
    await on.page.getByRole('row', { name: /^analytics, Stable, lag 14/ }).click();
    await on.page.getByRole('heading', { name: /analytics/, level: 1 }).waitFor();
    expect(on.page.url()).toContain('/kafka/groups/analytics');
    const offsets = on.page.getByRole('table', { name: 'Offsets' });
    expect(await offsets.getByRole('row').count()).toBe(4);
    await offsets.getByRole('link', { name: 'order-events' }).first().click();
    await on.page.getByRole('tab', { name: 'Consumers' }).click();
    await on.page.getByRole('link', { name: 'notifications' }).waitFor();
    await on.page.getByRole('tab', { name: 'Partitions' }).click();
    await on.page
      .getByRole('row', { name: /broker 1/ })
      .first()
      .waitFor();
    await on.page.getByRole('tab', { name: 'Configuration' }).click();
    await on.page.getByText('retention.ms').waitFor();
    await on.page.getByText('7 d').waitFor();
  });

  it('says what to do when there is no broker, when it does not answer, and what a topic is not', async () => {
    const on = await open('/kafka/topics/nothing');
    await on.page.getByRole('heading', { name: 'There is no topic called nothing.' }).waitFor();
    on.engine.failKafka(new FlotillaError('KAFKA_NONE'));
    await on.page.getByRole('link', { name: 'All topics' }).click();
    await on.page.getByRole('heading', { name: 'No Kafka broker in this fleet' }).waitFor();
    on.engine.failKafka(
      new FlotillaError('KAFKA_UNREACHABLE', {
        address: '127.0.0.1:9092',
        cause: 'connection refused',
        service: 'kafka',
      }),
    );
    await on.page.getByRole('heading', { name: 'The Kafka broker does not answer' }).waitFor();
    await on.page.getByRole('link', { name: 'Open kafka' }).waitFor();
  });

  it.each(['/kafka', '/kafka/groups', '/kafka/groups/analytics', '/kafka/topics/order-events?message=1@5&at=o5'])(
    'has nothing serious for axe in %s',
    async (path) => {
      const on = await open(path);
      await on.page.locator('.kafka').waitFor();
      await on.page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
      expect(await seriousProblems(on.page)).toEqual([]);
    },
  );
});
