import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Client } from '../../main/client/index.ts';
import { connectTo } from '../../main/client/node/index.ts';
import type { EndpointFile, TraceSummary } from '../../main/contract/index.ts';
import { chromiumArgs, findChromium, noChromium } from '../support/chromium.ts';
import { makeFlotilla, projectRoot } from '../support/flotilla.ts';

/** Shoots every view of the running shop, light and dark, into docs/screens. */
const themes = ['light', 'dark'] as const;
const size = { width: 1440, height: 900 };
const folder = join(projectRoot, 'docs/screens');

interface Shot {
  readonly name: string;
  readonly path: string;
}

async function orderTrace(client: Client): Promise<TraceSummary> {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const traces = await client.call('traces.search', {
      query: 'service:shipping',
      range: { lastMs: 300_000 },
      limit: 50,
    });
    const whole = traces.find((one) => one.services.includes('gateway') && one.services.includes('notifications'));
    if (whole) return whole;
    await delay(1000);
  }
  throw new Error('no order was traced within two minutes');
}

async function shots(client: Client): Promise<Shot[]> {
  const { traceId } = await orderTrace(client);
  return [
    { name: 'topology', path: '/topology' },
    { name: 'topology-node', path: '/topology?sel=orders' },
    { name: 'topology-edge', path: '/topology?sel=orders~payments' },
    { name: 'services', path: '/services' },
    { name: 'service', path: '/services/orders' },
    { name: 'logs', path: '/logs' },
    { name: 'traces', path: '/traces' },
    { name: 'trace', path: `/traces/${traceId}` },
    { name: 'kafka', path: '/kafka' },
    { name: 'kafka-topic', path: '/kafka/topics/order-events' },
  ];
}

async function shoot(page: Page, endpoint: EndpointFile, shot: Shot, theme: string): Promise<void> {
  await page.goto(`${endpoint.url}${shot.path}`);
  await page.waitForSelector('nav a');
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null, undefined, {
    timeout: 10_000,
  });
  // Charts and the graph come in with the first answers; a picture wants them settled.
  await delay(2500);
  await page.screenshot({ path: join(folder, `${shot.name}-${theme}.png`) });
  console.log(`  ${shot.name}-${theme}.png`);
}

async function shootAll(browser: Browser, endpoint: EndpointFile): Promise<void> {
  const client = connectTo(endpoint);
  const all = await shots(client);
  client.close();
  for (const theme of themes) {
    const context = await browser.newContext({ viewport: size, colorScheme: theme });
    const page = await context.newPage();
    await page.goto(`${endpoint.url}/#token=${endpoint.token}`);
    await page.waitForSelector('nav a');
    for (const shot of all) await shoot(page, endpoint, shot, theme);
    await context.close();
  }
}

const executablePath = findChromium();
if (!executablePath) {
  console.error(noChromium);
  process.exit(1);
}
await mkdir(folder, { recursive: true });
const flotilla = await makeFlotilla();
const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] });
try {
  const up = await flotilla.run('up', '--runtime', 'process', '--headless', '--traffic', '8');
  if (up.code !== 0) throw new Error(up.stderr);
  const { endpoint, client } = await flotilla.engine();
  client.close();
  await delay(60_000);
  await shootAll(browser, endpoint);
} finally {
  await browser.close();
  await flotilla.close();
}
