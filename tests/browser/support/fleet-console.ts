import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { RuntimeKind } from '../../../main/contract/index.ts';
import { type Flotilla, makeFlotilla } from '../../support/flotilla.ts';
import { launchBrowser } from './console.ts';

/** The console on a real engine with a fleet that runs. */
export interface FleetConsole {
  readonly flotilla: Flotilla;
  readonly page: Page;
  readonly url: string;
  /** Closes all of it; fails when the page threw an error meanwhile. */
  close(): Promise<void>;
}

/** Starts the fleet of a Compose file's text, waits until it is healthy, and opens the console at `path`. */
export async function openFleet(
  composeYaml: string,
  runtime: RuntimeKind,
  path: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<FleetConsole> {
  const flotilla = await makeFlotilla(environment);
  const errors: string[] = [];
  let browser: Browser | null = null;
  const close = async (): Promise<void> => {
    await browser?.close();
    await flotilla.close();
  };
  try {
    const file = join(flotilla.home, 'compose.yaml');
    await writeFile(file, composeYaml);
    const up = await flotilla.run('up', file, '--runtime', runtime, '--headless');
    expect(up.code, up.stderr).toBe(0);
    const { endpoint, client } = await flotilla.engine();
    client.close();
    browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${endpoint.url}${path}#token=${endpoint.token}`);
    return {
      flotilla,
      page,
      url: endpoint.url,
      async close() {
        await close();
        expect(errors).toEqual([]);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
