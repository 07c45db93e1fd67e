import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type EndpointFile, Ticket } from '../contract/index.ts';
import { distDir } from './context.ts';

const FETCH_MS = 6000;
const TICKET_MS = 5000;

/**
 * The console's address for a person to open, as often as they like: the token is in the fragment, which browsers send to
 * nobody. For a program's arguments it is too good: see `openBrowser`.
 */
export function consoleAddress(endpoint: EndpointFile): string {
  return `${endpoint.url}/#token=${endpoint.token}`;
}

/** Whether a window can be shown at all: Linux without a display has nowhere to show one. */
export function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function electronPackage(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return null;
  }
}

function binaryIn(packageDir: string): string | null {
  const name = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[
    process.platform as 'darwin' | 'win32'
  ];
  const file = join(packageDir, 'dist', name ?? 'electron');
  return existsSync(file) ? file : null;
}

/** Electron's executable if it is on this machine: FLOTILLA_ELECTRON, or what its npm package has fetched. */
export function findElectron(): string | null {
  const named = process.env.FLOTILLA_ELECTRON;
  if (named) return existsSync(named) ? named : null;
  const packageDir = electronPackage();
  return packageDir ? binaryIn(packageDir) : null;
}

/** Lets Electron's npm package fetch its executable, which `npm ci` alone does not do; gives up after some seconds. */
async function fetchElectron(): Promise<string | null> {
  const packageDir = electronPackage();
  if (!packageDir || process.env.FLOTILLA_ELECTRON) return null;
  const child = spawn(process.execPath, [join(packageDir, 'install.js')], { stdio: 'ignore', timeout: FETCH_MS });
  await new Promise((resolve) => child.on('exit', resolve).on('error', resolve));
  return binaryIn(packageDir);
}

/** An address that opens the console once and within a minute. */
async function ticketAddress({ url, token }: EndpointFile): Promise<string> {
  const answer = await fetch(`${url}/api/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TICKET_MS),
  });
  const { ticket } = Ticket.parse(await answer.json());
  return `${url}/#ticket=${ticket}`;
}

/**
 * Opens the console in the person's browser. Everybody on the machine can read a program's arguments: what stands there is a
 * ticket and not the token.
 */
async function openBrowser(endpoint: EndpointFile): Promise<void> {
  const address = await ticketAddress(endpoint).catch(() => null);
  // The address was printed, and says all that is to be said of an engine that is gone already.
  if (address === null) return;
  const [command, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[
    process.platform as 'darwin' | 'win32'
  ] ?? ['xdg-open'];
  const child = spawn(command ?? 'xdg-open', [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', () => {}).unref();
}

export type Shown = { readonly by: 'electron'; readonly window: ChildProcess } | { readonly by: 'browser' | 'address' };

/**
 * Puts the console on the screen: in Electron's window when its executable is here or can be had within a few seconds,
 * else in the browser; without a display the printed address is all there is.
 */
export async function showConsole(endpoint: EndpointFile, home: string): Promise<Shown> {
  if (!hasDisplay()) return { by: 'address' };
  const electron = findElectron() ?? (await fetchElectron());
  if (!electron) {
    await openBrowser(endpoint);
    return { by: 'browser' };
  }
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
  const window = spawn(electron, [join(distDir, 'shell'), ...(asRoot ? ['--no-sandbox'] : [])], {
    stdio: 'ignore',
    env: { ...process.env, FLOTILLA_HOME: home },
  });
  window.on('error', () => void openBrowser(endpoint));
  return { by: 'electron', window };
}
