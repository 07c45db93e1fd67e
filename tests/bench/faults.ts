import { connect } from 'node:net';
import { FaultsBench } from '../chaos/faults-bench.ts';
import type { Figure } from './figure.ts';

const ROUNDS = 15;
const CALLS = 40;
const LATENCY_ROUNDS = 4;
const LATENCY_MS = 100;
/** How long one end of a fault is looked for. */
const LONGEST_MS = 10_000;

const edge = { kind: 'edge', from: 'victim', to: 'target', port: 7002 } as const;

/** One message there and back on a new connection, in ms; null where that fails. */
function echo(address: string): Promise<number | null> {
  const [host = '', port] = address.split(':');
  const began = performance.now();
  return new Promise((done) => {
    const socket = connect(Number(port), host, () => socket.write('hello'));
    const finish = (ms: number | null): void => {
      socket.destroy();
      done(ms);
    };
    socket.setNoDelay(true);
    socket.once('data', () => finish(performance.now() - began));
    socket.once('error', () => finish(null));
    socket.once('end', () => finish(null));
  });
}

/** Calls one after the other until one is as it is wanted; gives when that was (Unix time in ms). */
async function untilSeen(address: string, isWanted: (ms: number | null) => boolean): Promise<number> {
  const deadlineMs = Date.now() + LONGEST_MS;
  while (Date.now() < deadlineMs) {
    const atMs = Date.now();
    if (isWanted(await echo(address))) return atMs;
  }
  throw new Error('the fault was not seen');
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function rtt(address: string): Promise<number> {
  const all: number[] = [];
  for (let n = 0; n < CALLS; n += 1) {
    const ms = await echo(address);
    if (ms !== null) all.push(ms);
  }
  return median(all);
}

/** By how much an injected latency is another than it says, in ms: what else the machine does comes on top, so the least counts. */
async function latencyError(bench: FaultsBench, address: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < LATENCY_ROUNDS; round += 1) {
    const before = await rtt(address);
    const fault = await bench.add('latency', edge, { parameters: { latencyMs: LATENCY_MS } });
    const during = await rtt(address);
    await bench.remove(fault);
    least = Math.min(least, Math.abs(during - before - LATENCY_MS));
  }
  return least;
}

/** From the call to the first connection that is refused, and from a fault's end to the first that is not, in ms. */
async function delays(bench: FaultsBench, address: string): Promise<{ readonly on: number; readonly off: number }> {
  const on: number[] = [];
  const off: number[] = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    await untilSeen(address, (ms) => ms !== null);
    const calledMs = Date.now();
    const refused = untilSeen(address, (ms) => ms === null);
    const { until } = await bench.add('refuse', edge, { forSeconds: 0.5 });
    on.push((await refused) - calledMs);
    off.push((await untilSeen(address, (ms) => ms !== null)) - Date.parse(until ?? ''));
  }
  return { on: median(on), off: median(off) };
}

/** Faults on an edge of a fleet of processes, from the side of who calls through its link. */
export async function benchFaults(): Promise<Figure[]> {
  const bench = await FaultsBench.start('process');
  try {
    const address = await bench.link('victim:target:7002');
    const error = await latencyError(bench, address);
    const { on, off } = await delays(bench, address);
    const lowerIsBetter = true;
    return [
      {
        name: 'fault: injected latency of 100 ms, off by (p50, best of 4)',
        unit: 'ms',
        value: error,
        budget: 3,
        lowerIsBetter,
      },
      {
        name: 'fault: from the call until it acts (p50)',
        unit: 'ms',
        value: Math.max(on, 0.1),
        budget: 50,
        lowerIsBetter,
      },
      {
        name: 'fault: from its end until it is gone (p50)',
        unit: 'ms',
        value: Math.max(off, 0.1),
        budget: 50,
        lowerIsBetter,
      },
    ];
  } finally {
    await bench.close();
  }
}
