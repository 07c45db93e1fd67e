import type { CDPSession, Page } from 'playwright-core';
import { launchBrowser, openConsole } from '../browser/support/console.ts';
import { findChromium, noChromium } from '../support/chromium.ts';
import type { Figure } from './figure.ts';

const NODES = 200;
const UPDATES = 12;

/** What Chromium counts of the page's thread, in seconds since the page began. */
async function threadSeconds(
  session: CDPSession,
): Promise<{ script: number; style: number; layout: number; task: number }> {
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return {
    script: of('ScriptDuration'),
    style: of('RecalcStyleDuration'),
    layout: of('LayoutDuration'),
    task: of('TaskDuration'),
  };
}

/** Waits for answers of the engine to the topology's question, which are what an update is. */
async function updates(page: Page, count: number): Promise<void> {
  for (let seen = 0; seen < count; seen++) {
    const answer = await page.waitForResponse((response) => response.url().includes('/topology.get'));
    await answer.finished();
  }
}

/**
 * How long an update of a topology of 200 nodes keeps the page's UI thread (script, style, layout, as Chromium accounts for
 * them), over a synthetic engine where every edge's numbers change each second. What the thread does all in all, the
 * timeline and painting included, is the second figure.
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
    await session.send('Performance.enable');
    await updates(on.page, 4);
    const before = await threadSeconds(session);
    await updates(on.page, UPDATES);
    const after = await threadSeconds(session);
    const per = (of: (sample: typeof before) => number): number => ((of(after) - of(before)) * 1000) / UPDATES;
    const name = `topology with ${NODES} nodes`;
    return [
      {
        name: `${name}: UI thread per update`,
        unit: 'ms',
        value: per((one) => one.script + one.style + one.layout),
        budget: 8,
        lowerIsBetter: true,
      },
      {
        name: `${name}: all tasks of the page per second`,
        unit: 'ms',
        value: per((one) => one.task),
        lowerIsBetter: true,
      },
    ];
  } finally {
    await on.close();
    await browser.close();
  }
}
