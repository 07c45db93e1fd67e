import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';
import type { Figure } from './figure.ts';
import { processUsage } from './process-usage.ts';

const IDLE_MS = 15_000;
const SETTLE_MS = 10_000;

/** Runs `npm start` on built code until it prints the console's address; `stop` ends it and its fleet. */
async function startInForeground(flotilla: Flotilla): Promise<{ address: string; stop(): Promise<void> }> {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = flotilla.env;
  const args = ['up', '--runtime', 'process', '--traffic', '0'];
  const child = spawn(process.execPath, [join(projectRoot, 'dist/cli/main.js'), ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const address = await new Promise<string>((done, fail) => {
    let text = '';
    child.stderr.on('data', (data: Buffer) => {
      text += data.toString();
      const found = /Console: (\S+)/.exec(text)?.[1];
      if (found) done(found);
    });
    child.on('exit', (code) => fail(new Error(`flotilla up exited with ${code}: ${text}`)));
  });
  return {
    address,
    async stop() {
      const ended = new Promise((done) => child.on('exit', done));
      child.kill('SIGINT');
      await ended;
    },
  };
}

async function benchWindow(flotilla: Flotilla, browser: Browser): Promise<Figure> {
  const page = await browser.newPage();
  const began = performance.now();
  const started = await startInForeground(flotilla);
  await page.goto(started.address);
  await page.waitForSelector('nav a');
  const seconds = (performance.now() - began) / 1000;
  await page.close();
  await started.stop();
  return {
    name: 'npm start on built code until the page is usable',
    unit: 's',
    value: seconds,
    budget: 2,
    lowerIsBetter: true,
  };
}

async function benchHealthy(flotilla: Flotilla): Promise<Figure> {
  const began = performance.now();
  const up = await flotilla.run('up', '--runtime', 'process', '--headless', '--traffic', '0');
  if (up.code !== 0) throw new Error(up.stderr);
  const seconds = (performance.now() - began) / 1000;
  return { name: 'sample fleet healthy on processes', unit: 's', value: seconds, budget: 15, lowerIsBetter: true };
}

/**
 * The process that draws the page: of the renderers of the browser that was started here the largest, as the others are
 * spares of the browser's own.
 */
async function pageRenderer(browserPid: number): Promise<number> {
  const pids: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const stat = await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '');
    const parent = Number(/PPid:\s+(\d+)/.exec(stat)?.[1]);
    if (command.includes('--type=renderer') && (await isBelow(parent, browserPid))) pids.push(Number(entry));
  }
  const sized = await Promise.all(pids.map(async (pid) => ({ pid, ...(await processUsage(pid)) })));
  const largest = sized.sort((a, b) => b.memoryBytes - a.memoryBytes)[0];
  if (!largest) throw new Error('the page has no renderer');
  return largest.pid;
}

async function isBelow(pid: number, ancestor: number): Promise<boolean> {
  if (pid === ancestor) return true;
  if (pid <= 1) return false;
  const stat = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return isBelow(Number(/PPid:\s+(\d+)/.exec(stat)?.[1] ?? 0), ancestor);
}

async function benchIdle(flotilla: Flotilla, browser: Browser): Promise<Figure[]> {
  const { endpoint, client } = await flotilla.engine();
  client.close();
  const page = await browser.newPage();
  await page.goto(`${endpoint.url}/#token=${endpoint.token}`);
  await page.waitForSelector('nav a');
  await delay(SETTLE_MS);
  const pids = [endpoint.pid, await pageRenderer(process.pid)];
  const total = async () => {
    const usages = await Promise.all(pids.map(processUsage));
    return usages.reduce((sum, one) => ({
      cpuMs: sum.cpuMs + one.cpuMs,
      memoryBytes: sum.memoryBytes + one.memoryBytes,
    }));
  };
  const before = await total();
  await delay(IDLE_MS);
  const after = await total();
  await page.close();
  const percent = ((after.cpuMs - before.cpuMs) / IDLE_MS) * 100;
  const megabytes = after.memoryBytes / 1e6;
  return [
    { name: 'engine and page idle: CPU of one core', unit: '%', value: percent, budget: 3, lowerIsBetter: true },
    { name: 'engine and page idle: memory', unit: 'MB', value: megabytes, budget: 250, lowerIsBetter: true },
  ];
}

/** Start to page, start to healthy, and what engine and page cost when nothing happens. */
export async function benchFleet(): Promise<Figure[]> {
  const executablePath = findChromium();
  if (!executablePath || process.platform !== 'linux') return [];
  const flotilla = await makeFlotilla();
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] });
  try {
    await benchHealthy(flotilla);
    await flotilla.run('down');
    const window = await benchWindow(flotilla, browser);
    const healthy = await benchHealthy(flotilla);
    return [window, healthy, ...(await benchIdle(flotilla, browser))];
  } finally {
    await browser.close();
    await flotilla.close();
  }
}
