import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, noChromium } from '../support/chromium.ts';
import { launchBrowser, openConsole } from './support/console.ts';

const available = findChromium() !== null;
if (!available) console.warn(`skipped: ${noChromium}`);

const views = [
  '/topology?sel=payments',
  '/topology?sel=orders~payments',
  '/services?sel=kafka/order-events',
  '/services/orders',
  '/services/orders?view=environment',
  '/logs',
  '/traces',
  '/kafka',
];

describe.skipIf(!available).each(['dark', 'light', 'stage'] as const)('axe in the %s theme', (theme) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('finds nothing serious in any view', async () => {
    const on = await openConsole(browser, { theme });
    try {
      on.engine.fail('payments');
      const found: string[] = [];
      for (const view of views) {
        await on.open(view);
        await on.page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
        const { violations } = await new AxeBuilder({ page: on.page }).setLegacyMode(true).analyze();
        for (const { id, impact, nodes } of violations) {
          if (impact === 'serious' || impact === 'critical')
            found.push(`${view}: ${id} ${nodes.map((node) => node.target).join(' ')}`);
        }
      }
      expect(found).toEqual([]);
    } finally {
      await on.close();
    }
  }, 300_000);

  it('finds nothing serious in palette, sheet and start page', async () => {
    const on = await openConsole(browser, { theme, phase: 'none' });
    try {
      for (const keys of ['', 'Control+k', '?']) {
        if (keys) await on.page.keyboard.press(keys);
        const { violations } = await new AxeBuilder({ page: on.page }).setLegacyMode(true).analyze();
        const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(bad.map(({ id, nodes }) => `${keys}: ${id} ${nodes.map((node) => node.target).join(' ')}`)).toEqual([]);
        await on.page.keyboard.press('Escape');
      }
    } finally {
      await on.close();
    }
  }, 120_000);
});
