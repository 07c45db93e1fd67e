import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Dockerode from 'dockerode';
import { chromium } from 'playwright-core';
import type { TelemetryPulse } from '../../main/contract/index.ts';
import { chromiumArgs, findChromium, noChromium } from '../support/chromium.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';
import type { Figure } from './figure.ts';
import { processUsage } from './process-usage.ts';

const IMAGE = 'node:24-bookworm-slim';
const LINES_PER_SECOND = 5000;
const SETTLE_MS = 10_000;
const MEASURED_MS = 20_000;
const EVENTS = 7;
const CLEAN_ATTEMPTS = 40;

const docker = new Dockerode();
const fleets = join(projectRoot, 'tests/bench/docker/fleets.yaml');

/** Why nothing can be measured here; null when it can. */
async function whyNot(): Promise<string | null> {
  try {
    await docker.ping();
    await docker.getImage(IMAGE).inspect();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs `measure` in a home and under a project name of its own, and removes what is left of the project whatever became of it. */
async function withProject<T>(name: string, measure: (flotilla: Flotilla) => Promise<T>): Promise<T> {
  const project = `flotilla-bench-${name}-${process.pid}`;
  const flotilla = await makeFlotilla({ COMPOSE_PROJECT_NAME: project });
  try {
    return await measure(flotilla);
  } finally {
    await flotilla.close();
    await removeAll(project);
  }
}

/** What Flotilla should have removed, when it could not. A busy engine may hold a network for some time after its containers. */
async function removeAll(project: string): Promise<void> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  for (let attempt = 1; attempt <= CLEAN_ATTEMPTS; attempt++) {
    const containers = await docker.listContainers({ all: true, filters });
    const networks = await docker.listNetworks({ filters });
    const { Volumes: volumes } = await docker.listVolumes({ filters });
    const left = [
      ...containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })),
      ...networks.map(({ Id }) => docker.getNetwork(Id).remove()),
      ...(volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()),
    ];
    if (left.length === 0) return;
    await Promise.allSettled(left);
    await delay(500);
  }
  console.warn(`docker: something of the project ${project} is left, and has to be removed by hand`);
}

async function up(flotilla: Flotilla, ...args: string[]): Promise<void> {
  const { code, stderr } = await flotilla.run('up', ...args, '--runtime', 'docker', '--headless');
  if (code !== 0) throw new Error(stderr);
}

/** The shop, whose images are built in a first start that does not count. */
async function benchHealthy(): Promise<Figure[]> {
  return withProject('shop', async (flotilla) => {
    await up(flotilla, '--traffic', '0');
    await flotilla.run('down');
    const began = performance.now();
    await up(flotilla, '--traffic', '0');
    const value = (performance.now() - began) / 1000;
    return [
      {
        name: 'sample fleet healthy on Docker, images present',
        unit: 's',
        value,
        budget: 25,
        lowerIsBetter: true,
      },
    ];
  });
}

/** Twenty containers that print: what is kept of it in the store, and whether the engine's memory stays as it is. */
async function benchLogs(): Promise<Figure[]> {
  return withProject('logs', async (flotilla) => {
    await up(flotilla, fleets, '--profile', 'logs');
    const { endpoint, client } = await flotilla.engine();
    let pulse: TelemetryPulse | null = null;
    const end = client.subscribe('telemetry.pulse', undefined, {
      onData: (next) => {
        pulse = next;
      },
    });
    const read = async () => ({
      atMs: performance.now(),
      logs: pulse?.logs ?? 0,
      dropped: pulse?.dropped ?? 0,
      usage: await processUsage(endpoint.pid),
    });
    // Buffers, DuckDB's own among them, have their size after some seconds of it.
    await delay(SETTLE_MS * 2);
    const before = await read();
    await delay(MEASURED_MS);
    const after = await read();
    end();
    client.close();
    const ms = after.atMs - before.atMs;
    const name = 'logs of 20 containers';
    return [
      {
        name: `${name}: lines kept`,
        unit: 'lines/s',
        value: ((after.logs - before.logs) * 1000) / ms,
        // They print by the clock: what is read at the very ends of the stretch is a little more or less.
        budget: LINES_PER_SECOND * 0.99,
      },
      { name: `${name}: lines dropped`, unit: 'lines', value: after.dropped - before.dropped, lowerIsBetter: true },
      {
        name: `${name}: memory of the engine after 20 s more, of what it was`,
        unit: '×',
        value: after.usage.memoryBytes / before.usage.memoryBytes,
        budget: 1.1,
        lowerIsBetter: true,
      },
      {
        name: `${name}: CPU of the engine`,
        unit: '%',
        value: ((after.usage.cpuMs - before.usage.cpuMs) / ms) * 100,
        lowerIsBetter: true,
      },
    ];
  });
}

/** From the answer to `docker pause` until the console's table says so, several times; in milliseconds. */
async function eventsOnScreen(address: string, project: string, executablePath: string): Promise<number[]> {
  const container = docker.getContainer(`${project}-watched-1`);
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] });
  try {
    const page = await browser.newPage();
    await page.goto(address);
    const row = page.getByRole('row').filter({ hasText: 'watched' });
    await row.getByText('Running').waitFor();
    const took: number[] = [];
    for (let event = 0; event < EVENTS; event++) {
      const paused = event % 2 === 0;
      await (paused ? container.pause() : container.unpause());
      const began = performance.now();
      await row.getByText(paused ? 'Paused' : 'Running').waitFor();
      took.push(performance.now() - began);
    }
    await container.unpause();
    return took;
  } finally {
    await browser.close();
  }
}

/** Fifty containers that do nothing: what the engine takes to measure them, and how soon it shows what happens to one. */
async function benchStats(): Promise<Figure[]> {
  return withProject('stats', async (flotilla) => {
    await up(flotilla, fleets, '--profile', 'stats');
    const { endpoint, client } = await flotilla.engine();
    client.close();
    await delay(SETTLE_MS);
    const before = await processUsage(endpoint.pid);
    await delay(MEASURED_MS);
    const after = await processUsage(endpoint.pid);
    const figures: Figure[] = [
      {
        name: '50 containers measured: CPU of the engine, all that it does',
        unit: '%',
        value: ((after.cpuMs - before.cpuMs) / MEASURED_MS) * 100,
        budget: 5,
        lowerIsBetter: true,
      },
    ];
    const executablePath = findChromium();
    if (!executablePath) {
      console.warn(`events on the screen not measured: ${noChromium}`);
      return figures;
    }
    const project = flotilla.env.COMPOSE_PROJECT_NAME ?? '';
    const took = await eventsOnScreen(`${endpoint.url}/services#token=${endpoint.token}`, project, executablePath);
    const slowest = Math.max(...took);
    return [
      ...figures,
      {
        name: `an event of the container engine on the screen, slowest of ${EVENTS}`,
        unit: 'ms',
        value: slowest,
        budget: 1000,
        lowerIsBetter: true,
      },
    ];
  });
}

/** What containers cost: start, logs, measuring, and how soon the console shows what happens to them. */
export async function benchDocker(): Promise<Figure[]> {
  const reason = process.platform === 'linux' ? await whyNot() : 'memory and CPU of processes are read from /proc';
  if (reason !== null) {
    console.warn(`docker: skipped, ${reason}`);
    return [];
  }
  return [...(await benchHealthy()), ...(await benchLogs()), ...(await benchStats())];
}
