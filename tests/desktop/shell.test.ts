import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShellBridge } from '../../main/contract/shell.ts';
import { type Display, openDisplay } from '../support/display.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';

declare global {
  interface Window {
    flotilla?: ShellBridge;
  }
}

const electron = process.env.FLOTILLA_TEST_ELECTRON ?? process.env.FLOTILLA_ELECTRON ?? '';
let display: Display | null = null;
let missing: string | null = null;
let flotilla: Flotilla;
let app: ElectronApplication;
let page: Page;

beforeAll(async () => {
  flotilla = await makeFlotilla();
  if (!existsSync(electron)) {
    missing = 'no Electron: set FLOTILLA_TEST_ELECTRON to its executable';
    return;
  }
  display = await openDisplay();
  if (!display) {
    missing = 'no display and no Xvfb';
    return;
  }
  const asRoot = process.getuid?.() === 0;
  app = await _electron.launch({
    executablePath: electron,
    args: [join(projectRoot, 'dist/shell'), ...(asRoot ? ['--no-sandbox'] : []), '--disable-gpu'],
    env: { ...flotilla.env, DISPLAY: display.name, FLOTILLA_NODE: process.execPath } as Record<string, string>,
  });
  page = await app.firstWindow();
});
afterAll(async () => {
  await app?.close().catch(() => {});
  await flotilla.close();
  display?.close();
});

const desktopTest = (name: string, run: () => Promise<void>): void =>
  test(name, async ({ skip }) => {
    if (missing) skip(missing);
    await run();
  });

desktopTest('the window shows the console of an engine that the shell started', async () => {
  await page.waitForSelector('#root > *');
  expect(await page.title()).toContain('Flotilla');
  const { endpoint, client } = await flotilla.engine();
  client.close();
  expect(page.url().startsWith(endpoint.url)).toBe(true);
  expect(page.url()).not.toContain(endpoint.token);
});

desktopTest('the page has the typed bridge and nothing of Node', async () => {
  const found = await page.evaluate(() => ({
    bridge: Object.keys(window.flotilla ?? {}).sort(),
    node: [
      typeof (window as { require?: unknown }).require,
      typeof (window as { process?: unknown }).process,
      typeof (window as { module?: unknown }).module,
    ],
  }));
  expect(found).toEqual({ bridge: ['call', 'platform'], node: ['undefined', 'undefined', 'undefined'] });
  const unknown = await page.evaluate(() =>
    window.flotilla?.call('shell.exec' as 'engine.restart').then(
      () => 'answered',
      () => 'refused',
    ),
  );
  expect(unknown).toBe('refused');
});

desktopTest('a fleet file is chosen with the dialog of the desktop', async () => {
  await app.evaluate(({ dialog }) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: ['/fleets/mine/compose.yaml'] });
  });
  await page.getByRole('button', { name: 'Choose …' }).click();
  await expect.poll(() => page.getByLabel('Path of a compose.yaml').inputValue()).toBe('/fleets/mine/compose.yaml');
});

desktopTest('it neither leaves the engine nor opens windows nor grants permissions', async () => {
  const before = page.url();
  await page.evaluate(() => {
    window.location.href = 'https://example.com/';
  });
  const opened = await page.evaluate(() => window.open('https://example.com/') === null);
  const permission = await page.evaluate(() => Notification.requestPermission());
  expect(opened).toBe(true);
  expect(permission).toBe('denied');
  expect(page.url()).toBe(before);
  expect(app.windows()).toHaveLength(1);
});

desktopTest('an engine that dies is started again and the page goes on with it', async () => {
  const before = await flotilla.engine();
  before.client.close();
  process.kill(before.endpoint.pid, 'SIGKILL');
  await page.evaluate(() => window.flotilla?.call('engine.restart'));
  const after = await flotilla.engine();
  after.client.close();
  expect(after.endpoint.pid).not.toBe(before.endpoint.pid);
  // Asked of the page itself: Playwright still waits for the navigation that the shell has refused.
  const shown = (): Promise<string | null> => page.evaluate(() => document.body.textContent);
  await expect.poll(shown, { timeout: 20_000 }).toContain('Start the shop');
  await expect.poll(shown, { timeout: 20_000 }).not.toContain('The engine does not answer');
  expect(page.url().startsWith(after.endpoint.url)).toBe(true);
});

desktopTest('a page that cannot be loaded, or whose process dies, is loaded again', async () => {
  const shown = (): Promise<string | null> => page.evaluate(() => document.body.textContent).catch(() => null);
  const reachable = page.url();
  await app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    window?.loadURL('http://127.0.0.1:9/').catch(() => undefined);
  });
  await expect.poll(shown, { timeout: 20_000 }).toContain('Start the shop');
  expect(new URL(page.url()).origin).toBe(new URL(reachable).origin);
  const text = await app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const loaded = new Promise<void>((done) => contents?.once('did-finish-load', () => done()));
    contents?.forcefullyCrashRenderer();
    await loaded;
    return contents?.executeJavaScript(
      `new Promise((done) => { const look = () => document.body.textContent.includes('Start the shop') ? done(document.body.textContent) : setTimeout(look, 50); look(); })`,
    ) as Promise<string>;
  });
  expect(text).toContain('Start the shop');
});

desktopTest('closing the window leaves the engine running', async () => {
  const { endpoint, client } = await flotilla.engine();
  client.close();
  // Resolves when nobody has the window's pipes any more: the engine must not have been given them.
  await app.close();
  process.kill(endpoint.pid, 0);
});
