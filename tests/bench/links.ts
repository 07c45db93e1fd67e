import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LinksClient, linksNodeOptions } from '../../main/engine/links/index.ts';
import { goProgram, toxiproxyProgram } from '../links/support/toxiproxy-tools.ts';
import { projectRoot } from '../support/flotilla.ts';
import type { Figure } from './figure.ts';
import { processUsage } from './process-usage.ts';

const run = promisify(execFile);
const ROUNDS = 5;
const SECONDS = '1.2';
const CONNECTIONS = '64';
const STREAM_BYTES = '100000000';
const HELD = '1000';
const PEER = 'Toxiproxy 2.12';
/** DESIGN's budget: what a link may add to the median of a request. */
const ADDED_P50_MS = 0.3;
/** The goal beside Toxiproxy. */
const GOAL = 1.2;

/** A proxy under test: its process, and an address that leads through it. */
interface Proxy {
  readonly child: ChildProcess;
  readonly address: string;
}

async function firstLine(child: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<string> {
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return line;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startOurs(upstream: string, http: boolean): Promise<Proxy> {
  const child = spawn(process.execPath, [...linksNodeOptions, join(projectRoot, 'dist/links/main.js'), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const client = new LinksClient(`http://${(await firstLine(child)).replace('ready on ', '')}`, null);
  const { listen } = await client.create({ name: 'bench', listen: '127.0.0.1:0', upstream, http });
  return { child, address: listen };
}

/** What Node's own sockets can do with nothing between them. */
const NODE_PIPE = `
const net = require('node:net');
const [host, port] = process.argv[1].split(':');
const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
  client.on('error', () => upstream.destroy()).pipe(upstream).on('error', () => client.destroy()).pipe(client);
});
server.listen(0, '127.0.0.1', () => console.log('127.0.0.1:' + server.address().port));
`;

async function startPipe(upstream: string): Promise<Proxy> {
  const child = spawn(process.execPath, ['-e', NODE_PIPE, upstream], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, address: await firstLine(child) };
}

async function startPeer(server: string, upstream: string): Promise<Proxy> {
  const port = await freePort();
  const child = spawn(server, ['-host', '127.0.0.1', '-port', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, LOG_LEVEL: 'error' },
  });
  const client = new LinksClient(`http://127.0.0.1:${port}`, null);
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { listen } = await client.create({ name: 'bench', listen: '127.0.0.1:0', upstream });
      return { child, address: listen };
    } catch (error) {
      if (attempt > 50) throw error;
      await delay(100);
    }
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** What the load program tells, one round after another in turn, so that what else the machine does hits all alike. */
async function inTurn<K extends string>(
  load: string,
  targets: Readonly<Record<K, string>>,
  args: (address: string) => string[],
  after: (name: K, told: Record<string, number>) => void | Promise<void>,
  before: (name: K) => void | Promise<void> = () => {},
): Promise<void> {
  const names = Object.keys(targets) as K[];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      await before(name);
      const { stdout } = await run(load, args(targets[name]));
      await after(name, JSON.parse(stdout) as Record<string, number>);
    }
  }
}

/** Requests a second and processor time a request of each proxy. */
async function throughput(load: string, proxies: Readonly<Record<string, Proxy>>, direct: string) {
  const rates: Record<string, number[]> = {};
  const costs: Record<string, number[]> = {};
  let cpuBefore = 0;
  const cpu = async (name: string): Promise<number> => {
    const pid = proxies[name]?.child.pid;
    return pid === undefined ? 0 : (await processUsage(pid)).cpuMs;
  };
  const addresses = Object.fromEntries(Object.entries(proxies).map(([name, { address }]) => [name, address]));
  await inTurn(
    load,
    { ...addresses, direct },
    (address) => ['requests', address, CONNECTIONS, SECONDS],
    async (name, { perSecond = 0, count = 1 }) => {
      rates[name] = [...(rates[name] ?? []), perSecond];
      costs[name] = [...(costs[name] ?? []), (((await cpu(name)) - cpuBefore) * 1000) / count];
    },
    async (name) => {
      cpuBefore = await cpu(name);
    },
  );
  return {
    rate: (name: string) => median(rates[name] ?? []),
    costUs: (name: string) => median(costs[name] ?? []),
  };
}

/**
 * Median and 99th percentile of one client's requests, less those without a proxy; of several rounds the least, as what
 * else the machine does only adds.
 */
async function addedLatency(load: string, targets: { ours: string; peer: string; direct: string }) {
  const seen = { ours: [] as number[][], peer: [] as number[][], direct: [] as number[][] };
  await inTurn(
    load,
    targets,
    (address) => ['requests', address, '1', '0.6'],
    (name, { p50Ms = 0, p99Ms = 0 }) => {
      seen[name].push([p50Ms, p99Ms]);
    },
  );
  const at = (name: keyof typeof seen, index: number): number =>
    Math.min(...seen[name].map((pair) => pair[index] ?? Number.NaN));
  return (name: 'ours' | 'peer', index: 0 | 1): number => Math.max(0.001, at(name, index) - at('direct', index));
}

/** In MB: all that is resident, and less what other processes have of it (the code of Node). */
async function memoryHolding(load: string, { child, address }: Proxy): Promise<{ resident: number; own: number }> {
  const holder = spawn(load, ['hold', address, HELD], { stdio: ['pipe', 'pipe', 'inherit'] });
  await firstLine(holder);
  const { memoryBytes, ownBytes } = await processUsage(child.pid ?? 0);
  holder.stdin.end();
  await once(holder, 'close');
  return { resident: memoryBytes / 1e6, own: ownBytes / 1e6 };
}

async function measure(load: string, server: string, started: ChildProcess[]): Promise<Figure[]> {
  const upstream = spawn(load, ['serve'], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(upstream);
  const direct = await firstLine(upstream);
  const ours = await startOurs(direct, false);
  const counting = await startOurs(direct, true);
  const peer = await startPeer(server, direct);
  const pipe = await startPipe(direct);
  started.push(ours.child, counting.child, peer.child, pipe.child);

  const memory = { ours: await memoryHolding(load, ours), peer: await memoryHolding(load, peer) };
  const added = await addedLatency(load, { ours: ours.address, peer: peer.address, direct });
  const requests = await throughput(load, { ours, peer, counting, pipe }, direct);
  const streams: Record<'ours' | 'peer', number[]> = { ours: [], peer: [] };
  await inTurn(
    load,
    { ours: ours.address, peer: peer.address },
    (address) => ['stream', address, STREAM_BYTES],
    (name, { megabytesPerSecond = 0 }) => {
      streams[name].push(megabytesPerSecond);
    },
  );
  const beside = (value: number): { peer: Figure['peer'] } => ({ peer: { name: PEER, value } });
  const peerRate = requests.rate('peer');
  const peerStream = median(streams.peer);
  return [
    {
      name: 'link: small requests, 64 connections',
      unit: 'requests/s',
      value: requests.rate('ours'),
      budget: peerRate * GOAL,
      ...beside(peerRate),
    },
    {
      name: 'link: the same with requests counted',
      unit: 'requests/s',
      value: requests.rate('counting'),
      budget: peerRate,
      ...beside(peerRate),
    },
    {
      name: "no link but a pipe of Node's sockets: the same",
      unit: 'requests/s',
      value: requests.rate('pipe'),
      ...beside(peerRate),
    },
    { name: 'no link: the same', unit: 'requests/s', value: requests.rate('direct') },
    {
      name: 'link: processor time of a request',
      unit: 'us',
      value: requests.costUs('ours'),
      lowerIsBetter: true,
      ...beside(requests.costUs('peer')),
    },
    {
      name: 'link: processor time of a request that is counted',
      unit: 'us',
      value: requests.costUs('counting'),
      lowerIsBetter: true,
      ...beside(requests.costUs('peer')),
    },
    {
      name: 'link: a stream of 100 MB',
      unit: 'MB/s',
      value: median(streams.ours),
      budget: peerStream * GOAL,
      ...beside(peerStream),
    },
    {
      name: 'link: added to a request at one connection, p50',
      unit: 'ms',
      value: added('ours', 0),
      budget: ADDED_P50_MS,
      lowerIsBetter: true,
      ...beside(added('peer', 0)),
    },
    {
      name: 'link: added to a request at one connection, p99',
      unit: 'ms',
      value: added('ours', 1),
      lowerIsBetter: true,
      ...beside(added('peer', 1)),
    },
    {
      name: 'link: memory with 1,000 connections, its own (PSS)',
      unit: 'MB',
      value: memory.ours.own,
      budget: memory.peer.own,
      lowerIsBetter: true,
      ...beside(memory.peer.own),
    },
    {
      name: "link: the same with Node's code, which the engine has in memory anyway",
      unit: 'MB',
      value: memory.ours.resident,
      lowerIsBetter: true,
      ...beside(memory.peer.resident),
    },
  ];
}

/** A link beside the real Toxiproxy, both built and measured here; nothing where there is no Go to build it. */
export async function benchLinks(): Promise<Figure[]> {
  const server = await toxiproxyProgram('server');
  const load = await goProgram(join(projectRoot, 'tests/bench/links/load.go'), 'links-load');
  if ('reason' in server || 'reason' in load) {
    console.log(`links: not measured: ${'reason' in server ? server.reason : 'reason' in load ? load.reason : ''}`);
    return [];
  }
  const started: ChildProcess[] = [];
  try {
    return await measure(load.path, server.path, started);
  } finally {
    for (const child of started) child.kill();
  }
}
