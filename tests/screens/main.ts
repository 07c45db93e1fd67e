import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Client } from '../../main/client/index.ts';
import { connectTo, ensureEngine } from '../../main/client/node/index.ts';
import type { EndpointFile, TraceSummary } from '../../main/contract/index.ts';
import { chromiumArgs, findChromium, noChromium } from '../support/chromium.ts';
import { withoutContainers } from '../support/containers.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';

/** Shoots every view of the running shop, light and dark, into docs/screens: on processes and, where there is an engine, on Docker. */
const themes = ['light', 'dark'] as const;
const size = { width: 1440, height: 900 };
const folder = join(projectRoot, 'docs/screens');
const images = ['node:24-bookworm-slim', 'apache/kafka:4.1.0', 'postgres:18', 'redis:7', 'rabbitmq:3-management'];
/** Until charts and rates have something to show. */
const WARM_UP_MS = 90_000;

/** Until callers have suffered for a while. */
const SUFFER_MS = 25_000;

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

async function shotsOfProcesses(client: Client): Promise<Shot[]> {
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
    { name: 'data', path: '/data/postgres?db=orders&item=public.order_events' },
  ];
}

/** Until circuits that opened are closed again. */
const RECOVER_MS = 45_000;
const PREPARED = 'http-delay;latencyMs=2000;percent=50;for=30';

/** What can be broken and what is, while something is: half of the calls of orders to payments are late. */
const SHOTS_OF_FAULTS: readonly Shot[] = [
  { name: 'topology-fault', path: '/topology?sel=orders~payments' },
  { name: 'chaos-break', path: `/topology?sel=gateway~orders&tab=break&fault=${PREPARED}` },
  { name: 'chaos', path: '/chaos' },
  { name: 'chaos-catalogue', path: '/chaos/catalogue?fault=http-abort&on=gateway~orders' },
  { name: 'chaos-experiments', path: '/chaos/experiments' },
  { name: 'chaos-experiment', path: '/chaos/experiments/slow-payments.yaml' },
];

async function shootFaults(browser: Browser, endpoint: EndpointFile, client: Client): Promise<void> {
  const parameters = { latencyMs: 2000, percent: 50 };
  const target = { kind: 'edge', from: 'orders', to: 'payments' } as const;
  await client.call('fault.add', { kind: 'http-delay', target, parameters, forSeconds: 300 });
  await client.call('fault.add', { kind: 'pause', target: { kind: 'service', service: 'analytics' }, forSeconds: 240 });
  await delay(SUFFER_MS);
  await shootAll(browser, endpoint, SHOTS_OF_FAULTS);
}

/** Runs an experiment of the shop; resolves with the run's id once it is over. */
async function runExperiment(client: Client, name: string): Promise<string> {
  const { id } = await client.call('experiment.start', { source: { name } });
  for (let attempt = 0; attempt < 300; attempt += 1) {
    await delay(1000);
    const { chaos } = await client.call('engine.state', undefined);
    if (chaos.experiment?.id === id && chaos.experiment.status !== 'running') return id;
  }
  throw new Error(`${name} was not over within five minutes`);
}

async function shootRuns(browser: Browser, endpoint: EndpointFile, client: Client): Promise<void> {
  const a = await runExperiment(client, 'slow-payments.yaml');
  await delay(RECOVER_MS);
  const b = await runExperiment(client, 'slow-payments.yaml');
  await shootAll(browser, endpoint, [
    { name: 'chaos-runs', path: '/chaos/runs' },
    { name: 'chaos-run', path: `/chaos/runs/${b}` },
    { name: 'chaos-compare', path: `/chaos/compare?a=${a}&b=${b}&of=orders` },
  ]);
}

/** What containers show that processes do not. */
const SHOTS_OF_CONTAINERS: readonly Shot[] = [
  { name: 'docker-topology', path: '/topology' },
  { name: 'docker-rabbitmq', path: '/data/rabbitmq?item=%2F+shipping-jobs' },
  { name: 'docker-files', path: '/services/orders?view=files&path=/shop/healthcheck.sh' },
  { name: 'docker-inspect', path: '/services/rabbitmq?view=inspect' },
  { name: 'docker-usage', path: '/services/shipping?view=usage&last=5m' },
];

async function shoot(page: Page, endpoint: EndpointFile, shot: Shot, theme: string): Promise<void> {
  await page.goto(`${endpoint.url}${shot.path}`);
  await page.waitForSelector('nav a');
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null, undefined, {
    timeout: 60_000,
  });
  // Charts and the graph come in with the first answers; a picture wants them settled.
  await delay(2500);
  await page.screenshot({ path: join(folder, `${shot.name}-${theme}.png`) });
  console.log(`  ${shot.name}-${theme}.png`);
}

async function shootAll(browser: Browser, endpoint: EndpointFile, all: readonly Shot[]): Promise<void> {
  for (const theme of themes) {
    const context = await browser.newContext({ viewport: size, colorScheme: theme });
    const page = await context.newPage();
    // What else runs on this machine is nobody's business.
    const json = { result: { data: { candidates: [], reason: null, remedy: null } } };
    await page.route('**/api/attach.list*', (route) => route.fulfill({ json }));
    await page.goto(`${endpoint.url}/#token=${endpoint.token}`);
    await page.waitForSelector('nav a');
    for (const shot of all) await shoot(page, endpoint, shot, theme);
    await context.close();
  }
}

/** Brings the shop up with traffic, and waits until there is something to see. */
async function warmUp(flotilla: Flotilla, runtime: string): Promise<EndpointFile> {
  const up = await flotilla.run('up', '--runtime', runtime, '--headless', '--traffic', '8');
  if (up.code !== 0) throw new Error(up.stderr);
  const { endpoint, client } = await flotilla.engine();
  client.close();
  await delay(WARM_UP_MS);
  return endpoint;
}

async function shootProcesses(browser: Browser): Promise<void> {
  const flotilla = await makeFlotilla();
  try {
    const endpoint = await warmUp(flotilla, 'process');
    const client = connectTo(endpoint);
    const shots = await shotsOfProcesses(client);
    if (wants('process')) await shootAll(browser, endpoint, shots);
    await shootRuns(browser, endpoint, client);
    await delay(RECOVER_MS);
    await shootFaults(browser, endpoint, client);
    client.close();
  } finally {
    await flotilla.close();
  }
}

/** The start page, where nothing runs yet. */
async function shootStart(browser: Browser): Promise<void> {
  const flotilla = await makeFlotilla();
  try {
    const { client, endpoint } = await ensureEngine({
      home: flotilla.home,
      engineFile: join(projectRoot, 'dist/engine/main.js'),
      node: process.execPath,
      environment: { TMPDIR: flotilla.temporary },
    });
    client.close();
    await shootAll(browser, endpoint, [{ name: 'docker-start', path: '/topology' }]);
  } finally {
    await flotilla.close();
  }
}

async function shootContainers(browser: Browser): Promise<void> {
  const flotilla = await makeFlotilla();
  try {
    await shootAll(browser, await warmUp(flotilla, 'docker'), SHOTS_OF_CONTAINERS);
  } finally {
    await flotilla.close();
  }
}

const executablePath = findChromium();
if (!executablePath) {
  console.error(noChromium);
  process.exit(1);
}
/** `npm run screens -- docker` shoots these alone; `chaos` is a part of `process`. */
const wanted = process.argv.slice(2);
const wants = (part: 'process' | 'chaos' | 'start' | 'docker'): boolean => wanted.length === 0 || wanted.includes(part);
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] });
try {
  if (wants('process') || wants('chaos')) await shootProcesses(browser);
  const missing = await withoutContainers(...images);
  if (missing !== null) console.warn(`no pictures of containers: ${missing}`);
  if (missing === null && wants('start')) await shootStart(browser);
  if (missing === null && wants('docker')) await shootContainers(browser);
} finally {
  await browser.close();
}
