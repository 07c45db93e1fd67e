import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { type EngineServer, startServer } from '../../../main/engine/server/index.ts';
import { chromiumArgs, findChromium, noChromium } from '../../support/chromium.ts';
import { projectRoot } from '../../support/flotilla.ts';
import { createSyntheticEngine, type SyntheticEngine, type SyntheticOptions } from './synthetic-engine.ts';

const rendererDir = join(projectRoot, 'dist/renderer');

/** The real server over a synthetic engine, and a page with the console in a real browser. */
export interface ConsoleUnderTest {
  readonly engine: SyntheticEngine;
  readonly page: Page;
  readonly url: string;
  /** What the page reported as errors that nobody asked for. */
  readonly pageErrors: string[];
  /** What the browser wrote into its console as errors, failed requests included. */
  readonly consoleErrors: string[];
  open(path: string): Promise<void>;
  /** Stops the server as a crash would: connections break, the port refuses. */
  stopServer(): Promise<void>;
  /** Starts it again on the same port with the same token. */
  restartServer(): Promise<void>;
  close(): Promise<void>;
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('launchBrowser was called without a Chromium');
  return chromium.launch({ executablePath, args: [...chromiumArgs] });
}

export interface ConsoleOptions extends SyntheticOptions {
  path?: string;
  theme?: 'dark' | 'light' | 'stage';
  size?: { width: number; height: number };
}

/**
 * Tests of the console in one browser. `open` gives a console of the test's own, which is closed after it; an error that the
 * page throws fails the test. Skipped, and said so, without a Chromium.
 */
export function describeConsole(
  name: string,
  tests: (open: (options?: ConsoleOptions) => Promise<ConsoleUnderTest>) => void,
): void {
  const available = findChromium() !== null;
  if (!available) console.warn(`skipped: ${noChromium}`);
  describe.skipIf(!available)(name, () => {
    let browser: Browser;
    let tested: ConsoleUnderTest | null = null;
    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterEach(async () => {
      const errors = tested?.pageErrors ?? [];
      await tested?.close();
      tested = null;
      expect(errors).toEqual([]);
    });
    afterAll(async () => {
      await browser?.close();
    });
    tests(async (options) => {
      tested = await openConsole(browser, options);
      return tested;
    });
  });
}

/** What axe finds serious or critical in a page as it is, with where; empty when nothing. */
export async function seriousProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} ${nodes.map((node) => node.target).join(' ')}`);
}

export async function openConsole(browser: Browser, options: ConsoleOptions = {}): Promise<ConsoleUnderTest> {
  if (!existsSync(rendererDir)) throw new Error('There is no dist/renderer: run npm run build first.');
  const engine = createSyntheticEngine({ startStepMs: 150, pulseMs: 500, ...options });
  const token = randomBytes(24).toString('hex');
  const start = (port: number): Promise<EngineServer> =>
    startServer({ handlers: engine.handlers, token, rendererDir, port });
  let server = await start(0);
  const { url } = server;
  const port = Number(new URL(url).port);
  const context: BrowserContext = await browser.newContext({
    viewport: options.size ?? { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  });
  await context.addInitScript((theme) => localStorage.setItem('flotilla.theme', theme), options.theme ?? 'dark');
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const pageErrors: string[] = [];
  page.on('pageerror', (error) => pageErrors.push(String(error)));
  const consoleErrors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(message.text());
  });
  await page.goto(`${url}${options.path ?? '/'}#token=${token}`);
  await page.getByRole('navigation', { name: 'Views' }).waitFor();

  return {
    engine,
    page,
    url,
    pageErrors,
    consoleErrors,
    async open(path) {
      await page.goto(`${url}${path}`);
      await page.getByRole('navigation', { name: 'Views' }).waitFor();
    },
    stopServer: () => server.close(),
    async restartServer() {
      server = await start(port);
    },
    async close() {
      await context.close();
      engine.close();
      await server.close().catch(() => {});
    },
  };
}
