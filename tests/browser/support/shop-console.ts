import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { ensureEngine } from '../../../main/client/node/index.ts';
import type { EndpointFile } from '../../../main/contract/index.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../../support/flotilla.ts';
import { launchBrowser, seriousProblems } from './console.ts';

/** What it writes when a network of the machine comes or goes, as those of containers do; the page asks again. */
const NETWORK_CHANGED = /net::ERR_NETWORK_CHANGED/;

/** What a browser itself writes when nobody answers; while the engine is gone that is as it should be. */
const NOBODY_ANSWERS = /net::ERR_|WebSocket connection to/;

/** The console on a real engine on which no fleet runs yet, and what tests of the shop look for in it. */
export interface ShopConsole {
  readonly flotilla: Flotilla;
  readonly page: Page;
  readonly endpoint: EndpointFile;
  /** What the browser wrote as errors since it was asked last: exceptions, failed requests, what the page's policy refused. */
  complaints(): string[];
  /** A node of the topology. */
  node(id: string): Locator;
  /** A view's link in the rail. */
  view(name: string): Locator;
  open(path: string): Promise<void>;
  /** Waits for the fleet's state in the top bar. */
  fleetIs(words: RegExp): Promise<void>;
  expectAccessible(): Promise<void>;
  /** Kills the engine, does `meanwhile`, and takes it that the browser may complain about that. */
  withoutEngine(meanwhile: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`refused by ${event.violatedDirective}: ${event.blockedURI} in ${event.sourceFile}`),
    );
  });
  return page;
}

/** Starts an engine of its own and opens its console. `environment`: for the engine and for the command line. */
export async function openShopConsole(environment: Readonly<Record<string, string>> = {}): Promise<ShopConsole> {
  const flotilla = await makeFlotilla({ ...environment });
  let browser: Browser | null = null;
  const close = async (): Promise<void> => {
    await browser?.close();
    await flotilla.close();
  };
  try {
    const engine = await ensureEngine({
      home: flotilla.home,
      engineFile: join(projectRoot, 'dist/engine/main.js'),
      node: process.execPath,
      environment: { TMPDIR: flotilla.temporary, ...environment },
    });
    engine.client.close();
    browser = await launchBrowser();
    const page = await openPage(browser);
    await page.goto(`${engine.endpoint.url}/#token=${engine.endpoint.token}`);
    return { ...shopConsole(flotilla, page, engine.endpoint), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function shopConsole(flotilla: Flotilla, page: Page, endpoint: EndpointFile): Omit<ShopConsole, 'close'> {
  const complaints = new Set<string>();
  let engineIsGone = false;
  page.on('pageerror', (error) => complaints.add(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() !== 'error' || NETWORK_CHANGED.test(text) || (engineIsGone && NOBODY_ANSWERS.test(text))) return;
    complaints.add(`${text} (${message.location().url})`);
  });
  return {
    flotilla,
    page,
    endpoint,
    complaints() {
      const all = [...complaints];
      complaints.clear();
      return all;
    },
    node: (id) => page.locator(`.react-flow__node[data-id="${id}"]`),
    view: (name) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: new RegExp(`^${name}`) }),
    open: async (path) => {
      await page.goto(`${endpoint.url}${path}`);
    },
    fleetIs: (words) => page.getByRole('status', { name: words }).waitFor({ timeout: 120_000 }),
    async expectAccessible() {
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
      expect(await seriousProblems(page)).toEqual([]);
    },
    async withoutEngine(meanwhile) {
      engineIsGone = true;
      process.kill((await flotilla.engine()).endpoint.pid, 'SIGKILL');
      await meanwhile();
      engineIsGone = false;
    },
  };
}
