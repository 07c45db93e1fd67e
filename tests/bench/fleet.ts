import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';
import type { Figure } from './figure.ts';
import { processUsage } from './process-usage.ts';

const IDLE_MS = 30_000;
/** A page goes on asking for as long as the rates of the last minute may still fall; after that the fleet is idle. */
const SETTLE_MS = 80_000;
/** Renderers of the browser's own extensions are no part of the page. */
const noExtensions = ['--disable-extensions', '--disable-component-extensions-with-background-pages'];

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

/**
 * What engine and page take when nothing happens: the fleet runs, no shopper comes, and the topology is open in a page that
 * is seen (one that is hidden asks nothing). Counted are the engine's process and the page's renderer. What the browser
 * needs for itself (its main, GPU and network processes) is not: it is the same whatever page it shows.
 */
async function benchIdle(flotilla: Flotilla, browser: Browser): Promise<Figure[]> {
  const { endpoint, client } = await flotilla.engine();
  client.close();
  const page = await browser.newPage();
  await page.goto(`${endpoint.url}/#token=${endpoint.token}`);
  await page.waitForSelector('.react-flow__node');
  await delay(SETTLE_MS);
  const pids = [endpoint.pid, await pageRenderer(process.pid)];
  const before = await Promise.all(pids.map(processUsage));
  await delay(IDLE_MS);
  const after = await Promise.all(pids.map(processUsage));
  await page.close();
  const percents = after.map((usage, n) => ((usage.cpuMs - (before[n]?.cpuMs ?? 0)) / IDLE_MS) * 100);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const lower = { lowerIsBetter: true } as const;
  return [
    { name: 'engine and page idle: CPU of one core', unit: '%', value: sum(percents), budget: 3, ...lower },
    { name: '… of it the engine', unit: '%', value: percents[0] ?? 0, ...lower },
    {
      name: 'engine and page idle: memory (PSS)',
      unit: 'MB',
      value: sum(after.map((usage) => usage.ownBytes)) / 1e6,
      budget: 250,
      ...lower,
    },
    {
      name: '… with all that they share with other processes (RSS)',
      unit: 'MB',
      value: sum(after.map((usage) => usage.memoryBytes)) / 1e6,
      ...lower,
    },
  ];
}

/** Start to page, start to healthy, and what engine and page cost when nothing happens. */
export async function benchFleet(): Promise<Figure[]> {
  const executablePath = findChromium();
  if (!executablePath || process.platform !== 'linux') return [];
  const flotilla = await makeFlotilla();
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs, ...noExtensions] });
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
