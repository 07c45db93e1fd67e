import { join } from 'node:path';
import { app, BrowserWindow, dialog, Menu, nativeTheme } from 'electron';
import type { EndpointFile } from '../contract/endpoint.ts';
import { toErrorView } from '../contract/errors.ts';
import { ensureEngine, home, pageAddress } from './engine-launcher.ts';
import { guardContents } from './guards.ts';
import { answerPage } from './ipc.ts';
import { keepPage } from './keep-page.ts';

/** The desktop shell: a window on the engine's console. It holds no state; the engine goes on when it ends. */
let window: BrowserWindow | null = null;
let endpoint: EndpointFile | null = null;

const engineUrl = (): string => endpoint?.url ?? 'http://127.0.0.1:0';

function openWindow(address: string): void {
  window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    title: 'Flotilla',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#0c1015' : '#f4f6f8',
    autoHideMenuBar: true,
    show: false,
    webPreferences: {
      preload: join(__dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window?.show());
  window.on('closed', () => {
    window = null;
  });
  keepPage(window, loadAgain, () => app.exit(1));
  load(address);
}

/** Of a page that cannot be loaded `keepPage` is told by an event. */
function load(address: string): void {
  window?.loadURL(address).catch(() => undefined);
}

async function loadAgain(): Promise<void> {
  endpoint = await ensureEngine();
  load(await pageAddress(endpoint));
}

/** Brings the engine back and, where it could not have its old address again, the page to the new one. */
async function restartEngine(): Promise<void> {
  const before = engineUrl();
  endpoint = await ensureEngine();
  if (endpoint.url !== before) load(await pageAddress(endpoint));
}

function setMenu(): void {
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
      { role: 'fileMenu' },
      { role: 'editMenu' },
      { role: 'viewMenu' },
      { role: 'windowMenu' },
    ]),
  );
}

async function start(): Promise<void> {
  guardContents(engineUrl);
  answerPage(() => window, engineUrl, restartEngine);
  setMenu();
  endpoint = await ensureEngine();
  openWindow(await pageAddress(endpoint));
}

app.setPath('userData', join(home, 'window'));
if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => {
    window?.show();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      const view = toErrorView(error);
      dialog.showErrorBox(view.message, view.remedy);
      app.exit(1);
    });
} else {
  app.quit();
}
