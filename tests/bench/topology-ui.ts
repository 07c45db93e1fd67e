import type { CDPSession, Page } from 'playwright-core';
import { launchBrowser, openConsole } from '../browser/support/console.ts';
import { findChromium, noChromium } from '../support/chromium.ts';
import type { Figure } from './figure.ts';

const NODES = 200;
const UPDATES = 12;

/** What Chromium counts of the page's thread, in milliseconds of its CPU time since the page began. */
async function threadMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  const counted = ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'];
  return metrics.filter(({ name }) => counted.includes(name)).reduce((sum, { value }) => sum + value * 1000, 0);
}

/** Waits for so many answers of the timeline's question, which every view asks once for each pulse of the telemetry. */
async function pulses(page: Page, count: number): Promise<void> {
  for (let seen = 0; seen < count; seen++) {
    const answer = await page.waitForResponse((response) => response.url().includes('/telemetry.timeline'));
    await answer.finished();
  }
}

async function perUpdate(page: Page, session: CDPSession): Promise<number> {
  await pulses(page, 4);
  const before = await threadMs(session);
  await pulses(page, UPDATES);
  return ((await threadMs(session)) - before) / UPDATES;
}

/**
 * How long an update of a topology of 200 nodes keeps the page's UI thread: script, style and layout in the thread's own
 * CPU time, as Chromium accounts for them, over a synthetic engine where every edge's numbers change each second. The
 * frame around it (timeline, top bar, the services' numbers) does its work in every view: what another view takes is
 * measured in the same run and taken off, and is a figure of its own.
 */
export async function benchTopologyUi(): Promise<Figure[]> {
  if (!findChromium()) {
    console.warn(`topology-ui: skipped, ${noChromium}`);
    return [];
  }
  const browser = await launchBrowser();
  const on = await openConsole(browser, { pulseMs: 1000 });
  try {
    on.engine.grow(NODES - 24);
    await on.page.waitForFunction((count) => document.querySelectorAll('.react-flow__node').length >= count, NODES, {
      timeout: 60_000,
    });
    const session = await on.page.context().newCDPSession(on.page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const withGraph = await perUpdate(on.page, session);
    await on.page.keyboard.press('g');
    await on.page.keyboard.press('k');
    await on.page.waitForURL(/kafka/);
    const frame = await perUpdate(on.page, session);
    const name = `topology with ${NODES} nodes`;
    return [
      { name: `${name}: UI thread per update`, unit: 'ms', value: withGraph - frame, budget: 8, lowerIsBetter: true },
      { name: `the frame around it with ${NODES} services, per second`, unit: 'ms', value: frame, lowerIsBetter: true },
    ];
  } finally {
    await on.close();
    await browser.close();
  }
}
