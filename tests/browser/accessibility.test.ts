import { expect, it } from 'vitest';
import { describeConsole, seriousProblems } from './support/console.ts';

const views = [
  '/topology?sel=payments',
  '/topology?sel=orders~payments',
  '/services?sel=kafka/order-events',
  '/services/orders',
  '/services/orders?view=environment',
  '/services/shipping?view=usage',
  '/services/payments?view=inspect',
  '/services/orders?view=files&path=/app/core.bin',
  '/terminal',
  '/logs',
  '/traces',
  '/kafka',
  '/data',
  '/data/postgres?item=public.order_events',
  '/data/postgres?view=activity',
  '/data/redis',
  '/data/rabbitmq?item=%2F+shipping-jobs',
];

for (const theme of ['dark', 'light', 'stage'] as const) {
  describeConsole(`axe in the ${theme} theme`, (open) => {
    it('finds nothing serious in any view', async () => {
      const on = await open({ theme, docker: true });
      on.engine.fail('payments');
      const found: string[] = [];
      for (const view of views) {
        await on.open(view);
        await on.page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
        for (const problem of await seriousProblems(on.page)) found.push(`${view}: ${problem}`);
      }
      expect(found).toEqual([]);
    }, 300_000);

    it('finds nothing serious in palette, sheet and start page', async () => {
      const on = await open({ theme, phase: 'none' });
      for (const keys of ['', 'Control+k', '?']) {
        if (keys) await on.page.keyboard.press(keys);
        expect((await seriousProblems(on.page)).map((problem) => `${keys}: ${problem}`)).toEqual([]);
        await on.page.keyboard.press('Escape');
      }
    }, 120_000);
  });
}
