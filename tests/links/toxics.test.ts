import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ToxicSpec } from '../../main/engine/links/index.ts';
import { least, startUpstream, type Upstream, Victim } from './support/echo.ts';
import { type Links, startLinksProgram } from './support/links.ts';

let links: Links;
let echo: Upstream;
let listen: string;
const victims: Victim[] = [];

beforeAll(async () => {
  links = await startLinksProgram();
  echo = await startUpstream();
  ({ listen } = await links.client.create({ name: 'echo', listen: '127.0.0.1:0', upstream: echo.address }));
});
afterEach(async () => {
  for (const { socket } of victims.splice(0)) socket.destroy();
  await links.client.reset();
});
afterAll(async () => {
  await links.close();
  await echo.close();
});

async function victim(): Promise<Victim> {
  const made = await Victim.connect(listen);
  victims.push(made);
  return made;
}

const add = (toxic: ToxicSpec): Promise<unknown> => links.client.addToxic('echo', toxic);
const remove = (name: string): Promise<boolean> => links.client.removeToxic('echo', name);

describe('a link without faults', () => {
  test('passes bytes both ways, and the end of each way by itself', async () => {
    const one = await victim();
    await one.roundTrip('x'.repeat(300_000));
    one.socket.end('last');
    await vi.waitFor(() => expect(one.text.endsWith('last')).toBe(true));
    await vi.waitFor(() => expect(one.endedMs).not.toBeNull());
    expect(one.error).toBeNull();
    await vi.waitFor(async () => expect((await links.client.stats()).echo?.connections.open).toBe(0));
  });

  test('closes the client where upstream refuses', async () => {
    const gone = await startUpstream();
    await gone.close();
    const link = await links.client.create({ name: 'gone', listen: '127.0.0.1:0', upstream: gone.address });
    const one = await Victim.connect(link.listen);
    one.socket.end();
    await one.closed();
    expect(one.bytes).toBe(0);
    expect((await links.client.stats()).gone?.connections.refused).toBe(1);
    await links.client.remove('gone');
  });

  test('takes several upstreams in turn, and the next one where one refuses', async () => {
    const answering = (name: string) => startUpstream((socket) => socket.end(name));
    const [a, b, gone] = await Promise.all([answering('a'), answering('b'), answering('gone')]);
    const upstream = `${a.address},${gone.address},${b.address}`;
    const { listen: at } = await links.client.create({ name: 'copies', listen: '127.0.0.1:0', upstream });
    const ask = async (): Promise<string> => {
      const one = await Victim.connect(at);
      one.socket.end();
      await one.closed();
      return one.text;
    };
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual(['a', 'gone', 'b', 'a']);
    await gone.close();
    expect([await ask(), await ask(), await ask()].sort()).toEqual(['a', 'b', 'b']);
    await Promise.all([a.close(), b.close()]);
    expect([await ask(), await ask()]).toEqual(['', '']);
    await vi.waitFor(async () =>
      expect((await links.client.stats()).copies?.connections).toEqual({ open: 0, total: 9, refused: 2 }),
    );
    await expect(links.client.update('copies', { upstream: `${a.address},nowhere` })).rejects.toThrow('nowhere');
    await links.client.remove('copies');
  });

  test('passes a reset on', async () => {
    const one = await victim();
    await one.roundTrip();
    echo.connections.at(-1)?.resetAndDestroy();
    await one.closed();
    expect(one.error?.code).toBe('ECONNRESET');
  });

  test('stops reading from a sender whose receiver does not read', async () => {
    const slow = await startUpstream((socket) => socket.pause());
    const link = await links.client.create({ name: 'slow', listen: '127.0.0.1:0', upstream: slow.address });
    const one = await Victim.connect(link.listen);
    const total = 64 * 1024 * 1024;
    let sent = 0;
    const chunk = Buffer.alloc(1024 * 1024);
    while (sent < total && one.socket.write(chunk)) sent += chunk.length;
    let before = -1;
    await vi.waitFor(
      async () => {
        const now = (await links.client.stats()).slow?.bytes.upstream ?? 0;
        const isSame = now === before && now > 0;
        before = now;
        expect(isSame).toBe(true);
      },
      { timeout: 10_000, interval: 300 },
    );
    expect(before).toBeLessThan(16 * 1024 * 1024);
    one.socket.destroy();
    await slow.close();
    await links.client.remove('slow');
  });
});

describe('latency', () => {
  test.for(['upstream', 'downstream'] as const)('of 100 ms is 100 ms within 3, on %s', async (stream) => {
    const one = await victim();
    await one.roundTrip();
    await add({ type: 'latency', stream, attributes: { latency: 100 } });
    const took = await least(103, async () => {
      const once = await one.roundTrip();
      expect(once).toBeGreaterThan(97);
      return once;
    });
    expect(took).toBeLessThan(103);
    await remove(`latency_${stream}`);
    expect(await least(3, () => one.roundTrip())).toBeLessThan(3);
  });

  test('acts within 50 ms and lets what it holds go within 50 ms of its end', async () => {
    const one = await victim();
    await one.roundTrip();
    const took = await least(50, async () => {
      const { downstream = 0 } = (await links.client.stats()).echo?.bytes ?? {};
      await add({ type: 'latency', attributes: { latency: 60_000 } });
      one.socket.write('held');
      await vi.waitFor(async () => {
        expect((await links.client.stats()).echo?.bytes.downstream).toBe(downstream + 4);
      });
      const arrived = one.bytes;
      const began = performance.now();
      await remove('latency_downstream');
      await vi.waitFor(() => expect(one.bytes).toBe(arrived + 4), { interval: 1 });
      return performance.now() - began;
    });
    expect(took).toBeLessThan(50);
  });

  test('ends by itself after its time to live, with nobody there', async () => {
    const one = await victim();
    await one.roundTrip();
    const took = await least(450, async () => {
      const began = performance.now();
      await add({ type: 'latency', attributes: { latency: 60_000 }, ttlMs: 400 });
      await one.roundTrip();
      expect(performance.now() - began).toBeGreaterThan(390);
      return performance.now() - began;
    });
    expect(took).toBeLessThan(450);
    expect(await links.client.links()).toMatchObject([{ toxics: [] }]);
  });

  test('with jitter stays within it and keeps order', async () => {
    const one = await victim();
    await add({ type: 'latency', attributes: { latency: 40, jitter: 30 } });
    const took = await least(0, async () => {
      const once = await one.roundTrip();
      expect(once).toBeGreaterThan(9);
      return once;
    });
    expect(took).toBeLessThan(72);
    const sent = Array.from({ length: 50 }, (_, index) => `${index};`).join('');
    const from = one.text.length;
    for (let index = 0; index < 50; index += 1) one.socket.write(`${index};`);
    await vi.waitFor(() => expect(one.text.slice(from)).toBe(sent));
  });

  test('can be changed while data is on its way', async () => {
    const one = await victim();
    await one.roundTrip();
    await add({ type: 'latency', attributes: { latency: 60_000 } });
    const waiting = one.roundTrip();
    await links.client.updateToxic('echo', 'latency_downstream', { attributes: { latency: 20 } });
    expect(await waiting).toBeLessThan(10_000);
  });

  test('adds up over two toxics, and hits the share of connections that toxicity says', async () => {
    await add({ name: 'one', type: 'latency', attributes: { latency: 30 } });
    await add({ name: 'two', type: 'latency', attributes: { latency: 30 } });
    const both = await victim();
    expect(await both.roundTrip()).toBeGreaterThan(59);
    await links.client.reset();
    await add({ type: 'latency', attributes: { latency: 40 }, toxicity: 0.5 });
    let slow = 0;
    for (let round = 0; round < 40; round += 1) {
      const one = await victim();
      if ((await least(35, () => one.roundTrip(), 3)) >= 35) slow += 1;
      one.socket.destroy();
    }
    expect(slow).toBeGreaterThan(6);
    expect(slow).toBeLessThan(34);
  });
});

describe('bandwidth', () => {
  test('lets as many kilobytes through a second, and all of it afterwards', async () => {
    const one = await victim();
    await one.roundTrip();
    await add({ type: 'bandwidth', attributes: { rate: 200 } });
    const took = await least(600, async () => {
      const once = await one.roundTrip('x'.repeat(100_000));
      expect(once).toBeGreaterThan(470);
      return once;
    });
    expect(took).toBeLessThan(600);
    await remove('bandwidth_downstream');
    expect(await least(100, () => one.roundTrip('x'.repeat(100_000)))).toBeLessThan(100);
  });

  test('of 0 lets nothing through until it is gone', async () => {
    const one = await victim();
    await one.roundTrip();
    const before = one.bytes;
    await add({ type: 'bandwidth', attributes: { rate: 0 } });
    const waiting = one.roundTrip('held');
    const other = await victim();
    other.socket.write('x');
    await vi.waitFor(async () => expect((await links.client.stats()).echo?.connections.open).toBe(2));
    expect(one.bytes).toBe(before);
    await remove('bandwidth_downstream');
    await waiting;
  });
});

test('slow_close holds the end back for its delay, and no more when it is removed', async () => {
  await add({ type: 'slow_close', attributes: { delay: 200 } });
  const one = await victim();
  await one.roundTrip();
  const began = performance.now();
  one.socket.end();
  await vi.waitFor(() => expect(one.endedMs).not.toBeNull(), { interval: 5 });
  expect((one.endedMs ?? 0) - began).toBeGreaterThan(195);
  await links.client.updateToxic('echo', 'slow_close_downstream', { attributes: { delay: 60_000 } });
  const two = await victim();
  await two.roundTrip();
  two.socket.end();
  await vi.waitFor(() => expect(echo.connections.at(-1)?.readableEnded).toBe(true));
  await remove('slow_close_downstream');
  await vi.waitFor(() => expect(two.endedMs).not.toBeNull());
});

describe('timeout', () => {
  test('swallows data and closes the connection after its time', async () => {
    const one = await victim();
    await one.roundTrip();
    const before = one.bytes;
    await add({ type: 'timeout', attributes: { timeout: 150 } });
    const began = performance.now();
    one.socket.write('lost');
    await vi.waitFor(() => expect(one.endedMs).not.toBeNull(), { interval: 5 });
    expect((one.endedMs ?? 0) - began).toBeGreaterThan(140);
    expect(one.bytes).toBe(before);
    await remove('timeout_downstream');
    await (await victim()).roundTrip();
  });

  test('of 0 hangs until it is removed, and the connection is closed then', async () => {
    const took = await least(50, async () => {
      const one = await victim();
      await add({ type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } });
      one.socket.write('lost');
      await vi.waitFor(async () => expect((await links.client.stats()).echo?.connections.open).toBe(1));
      expect(one.endedMs).toBeNull();
      const began = performance.now();
      await remove('timeout_upstream');
      await vi.waitFor(() => expect(one.endedMs).not.toBeNull(), { interval: 1 });
      expect(one.bytes).toBe(0);
      one.socket.destroy();
      await vi.waitFor(async () => expect((await links.client.stats()).echo?.connections.open).toBe(0));
      return performance.now() - began;
    });
    expect(took).toBeLessThan(50);
  });
});

test('reset_peer resets both sides, after its timeout', async () => {
  const one = await victim();
  await one.roundTrip();
  await add({ type: 'reset_peer', attributes: { timeout: 100 } });
  const began = performance.now();
  one.socket.write('x');
  await one.closed();
  expect(one.error?.code).toBe('ECONNRESET');
  expect(performance.now() - began).toBeGreaterThan(95);
  await vi.waitFor(() => expect(echo.connections.at(-1)?.destroyed).toBe(true));
  await remove('reset_peer_downstream');
  await (await victim()).roundTrip();
});

test('slicer cuts data into small pieces with a delay between them', async () => {
  await add({ type: 'slicer', attributes: { average_size: 100, size_variation: 20, delay: 5000 } });
  const one = await victim();
  const took = await one.roundTrip('x'.repeat(2000));
  expect(one.received.length).toBeGreaterThan(10);
  expect(took).toBeGreaterThan(60);
  await remove('slicer_downstream');
  expect(await least(50, () => one.roundTrip('x'.repeat(2000)))).toBeLessThan(50);
});

test('limit_data closes the connection after so many bytes', async () => {
  await add({ type: 'limit_data', attributes: { bytes: 100 } });
  const one = await victim();
  one.socket.write('x'.repeat(60));
  await vi.waitFor(() => expect(one.bytes).toBe(60));
  one.socket.write('y'.repeat(60));
  await vi.waitFor(() => expect(one.endedMs).not.toBeNull());
  expect(one.bytes).toBe(100);
  await remove('limit_data_downstream');
  await (await victim()).roundTrip('x'.repeat(500));
});

test('a disabled link refuses connections, closes those there are, and comes back by itself', async () => {
  const one = await victim();
  await one.roundTrip();
  await links.client.update('echo', { enabled: false, ttlMs: 300 });
  await vi.waitFor(() => expect(one.endedMs).not.toBeNull());
  await expect(Victim.connect(listen)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await vi.waitFor(async () => expect(await links.client.links()).toMatchObject([{ enabled: true, listen }]));
  await (await victim()).roundTrip();
});
