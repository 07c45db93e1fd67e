import { existsSync } from 'node:fs';

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A Chromium or Chrome of this machine: what FLOTILLA_CHROMIUM names, else where it usually is; null when there is none. */
export function findChromium(): string | null {
  const named = process.env.FLOTILLA_CHROMIUM;
  if (named) return existsSync(named) ? named : null;
  return usual.find((file) => existsSync(file)) ?? null;
}

/** Why a browser test is skipped, with the way to have it run. */
export const noChromium = 'no Chromium found: install one, or name it in FLOTILLA_CHROMIUM';

/** Switches for a browser that is driven by a test: no network of its own, no GPU, and as root no sandbox. */
export const chromiumArgs: readonly string[] = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];
