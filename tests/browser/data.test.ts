import { expect, it } from 'vitest';
import { FlotillaError } from '../../main/contract/index.ts';
import { describeConsole, seriousProblems } from './support/console.ts';

describeConsole('the Data view', (open) => {
  it('opens at the first store and leads to the others', async () => {
    const on = await open({ docker: true });
    await on.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: /^Data/ }).click();
    await on.page.getByRole('heading', { name: 'postgres', level: 1 }).waitFor();
    await on.page.getByText('PostgreSQL 18.4').waitFor();
    await on.page.getByRole('radio', { name: 'redis' }).click();
    await on.page.getByText('Redis 7.4.2').waitFor();
    await on.page.getByRole('radio', { name: 'rabbitmq' }).click();
    await on.page.getByText('RabbitMQ 3.13.7').waitFor();
    expect(on.page.url()).toContain('/data/rabbitmq');
    await on.page.goBack();
    await on.page.getByText('Redis 7.4.2').waitFor();
  });

  it('shows tables of the largest database, rows of one, and who waits for whom', async () => {
    const on = await open({ path: '/data/postgres' });
    const tables = on.page.getByRole('table', { name: 'Tables of orders' });
    await tables.getByRole('row', { name: 'public.order_events' }).click();
    const rows = on.page.getByRole('region', { name: 'Rows of order_events' }).first();
    await rows.getByText('the first 50 rows').waitFor();
    await rows.getByText('StockReserved').first().waitFor();
    await rows.getByText('NULL').first().waitFor();
    await on.page.reload();
    await rows.getByText('StockReserved').first().waitFor();
    await rows.getByRole('button', { name: 'Close the rows' }).click();
    await on.page
      .getByRole('navigation', { name: 'Databases' })
      .getByRole('button', { name: /^catalog/ })
      .click();
    await on.page.getByRole('table', { name: 'Tables of catalog' }).getByText('products').waitFor();
    await on.page.getByRole('tab', { name: 'Activity (3)' }).click();
    await on.page.getByRole('row', { name: '131, waits for 140' }).waitFor();
    await on.page.getByRole('tab', { name: 'Slow statements' }).click();
    await on.page.getByText('shared_preload_libraries=pg_stat_statements').waitFor();
  });

  it('pages through keys, narrows them and shows a value', async () => {
    const on = await open({ path: '/data/redis' });
    const keys = on.page.getByRole('table', { name: 'Keys' });
    await keys
      .getByRole('row', { name: /^cart:/ })
      .first()
      .waitFor();
    await on.page.getByRole('button', { name: 'Next page' }).click();
    await keys.getByRole('row', { name: 'product:BOX-010' }).waitFor();
    await on.page.getByRole('button', { name: 'Page before' }).click();
    await on.page.getByRole('searchbox', { name: 'Keys like' }).fill('product:*');
    await on.page.getByRole('searchbox', { name: 'Keys like' }).press('Enter');
    await expect.poll(() => keys.getByRole('row', { name: /^cart:/ }).count()).toBe(0);
    await keys.getByRole('row', { name: 'product:BOX-012' }).click();
    const value = on.page.getByRole('region', { name: 'Value of product:BOX-012' });
    await value.getByText('"name": "A box of cedar"').waitFor();
    expect(await seriousProblems(on.page)).toEqual([]);
    await on.page.getByRole('searchbox', { name: 'Keys like' }).fill('nothing:*');
    await on.page.getByRole('searchbox', { name: 'Keys like' }).press('Enter');
    await on.page.getByRole('heading', { name: 'No key matches nothing:*' }).waitFor();
  });

  it('shows queues with their consumers, and which nobody reads', async () => {
    const on = await open({ docker: true, path: '/data/rabbitmq' });
    const queues = on.page.getByRole('table', { name: 'Queues' });
    await queues.getByRole('row', { name: 'shipping-jobs-dead, 14 ready' }).getByText('nobody reads it').waitFor();
    await queues.getByRole('row', { name: /^shipping-jobs, / }).click();
    const queue = on.page.getByRole('region', { name: 'Queue shipping-jobs' });
    await queue.getByText('What is rejected goes to the exchange shipping-jobs-dead.').waitFor();
    await queue.getByText('shipping-2').waitFor();
    await queues.getByRole('row', { name: /^shipping-jobs-dead, / }).click();
    await on.page.getByText('Nobody reads this queue, and messages wait in it.').waitFor();
  });

  it('says what is not there yet, and what would be', async () => {
    const on = await open({ docker: true, emptyStores: true, path: '/data/postgres' });
    await on.page.getByRole('heading', { name: 'orders has no tables' }).waitFor();
    await on.open('/data/redis');
    await on.page.getByRole('heading', { name: 'No key in it now' }).waitFor();
    await on.open('/data/rabbitmq');
    await on.page.getByRole('heading', { name: 'The broker has no queue yet' }).waitFor();
    await on.open('/data/orders');
    await on.page.getByRole('main').getByRole('link', { name: 'rabbitmq' }).waitFor();
    expect(await seriousProblems(on.page)).toEqual([]);
  });

  it('says why a store cannot be looked into, and goes on when it can', async () => {
    const on = await open({ path: '/data/postgres' });
    on.engine.failPeek(
      new FlotillaError('PEEK_UNREACHABLE', {
        service: 'postgres',
        address: '127.0.0.1:5432',
        cause: 'connection refused',
      }),
    );
    await on.open('/data/postgres');
    await on.page.getByRole('heading', { name: 'postgres does not answer' }).waitFor();
    await on.page.getByRole('link', { name: 'Open postgres' }).waitFor();
    expect(await seriousProblems(on.page)).toEqual([]);
    on.engine.failPeek(null);
    await on.page.getByRole('button', { name: 'Try again' }).click();
    await on.page.getByRole('table', { name: 'Tables of orders' }).waitFor();
  });

  it('offers to start a fleet where none runs', async () => {
    const on = await open({ phase: 'none', path: '/data' });
    await on.page.getByRole('heading', { name: 'No fleet is running' }).waitFor();
  });
});
