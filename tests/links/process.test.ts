import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type LinksHandle, type LinkView, startLinks } from '../../main/engine/links/index.ts';
import { startUpstream, type Upstream, Victim } from './support/echo.ts';
import { linksProgram, startLinksProgram } from './support/links.ts';

let folder: string;
let echo: Upstream;
const started: LinksHandle[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-links-'));
  echo = await startUpstream();
});
afterEach(async () => {
  for (const handle of started.splice(0)) await handle.stop();
});
afterAll(async () => {
  await echo.close();
  await rm(folder, { recursive: true });
});

async function start(
  onRestart?: (links: readonly LinkView[]) => void,
  onFailure?: (error: unknown) => void,
): Promise<LinksHandle> {
  const stateFile = join(folder, 'links.json');
  const handle = await startLinks({ program: linksProgram, stateFile, onRestart, onFailure });
  started.push(handle);
  return handle;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('the links program', () => {
  test('is one file that needs nothing but Node', async () => {
    const source = await readFile(linksProgram, 'utf8');
    const required = [...source.matchAll(/\brequire\(\s*['"]([^'"]+)['"]/g)].map(([, name]) => name);
    expect(required.length).toBeGreaterThan(0);
    expect(required.filter((name) => !name?.startsWith('node:'))).toEqual([]);
    expect(source.match(/\brequire\(/g)).toHaveLength(required.length);
    expect(source).not.toMatch(/^(?:import|export)\b|\bimport\(/m);
  });

  test('ends on SIGTERM within a moment, with connections open', async () => {
    const links = await startLinksProgram();
    const { listen } = await links.client.create({ name: 'echo', listen: '127.0.0.1:0', upstream: echo.address });
    const victim = await Victim.connect(listen);
    await victim.roundTrip();
    await links.client.addToxic('echo', { type: 'latency', attributes: { latency: 60_000 } });
    victim.socket.write('held');
    const exited = once(links.child, 'exit');
    links.child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    victim.socket.destroy();
  });

  test('says what is wrong when it cannot start', async () => {
    const taken = await startUpstream();
    const port = Number(taken.address.split(':')[1]);
    await expect(
      startLinks({ program: linksProgram, stateFile: join(folder, 'never.json'), port }),
    ).rejects.toMatchObject({ code: 'LINKS_FAILED', message: expect.stringContaining('EADDRINUSE') });
    await taken.close();
  });
});

describe('an engine', () => {
  test('finds the program of the one before, its links and its faults, which end by themselves meanwhile', async () => {
    const before = await start();
    const [link] = await before.setLinks([{ name: 'echo', listen: '127.0.0.1:0', upstream: echo.address }]);
    await before.client.addToxic('echo', { type: 'latency', attributes: { latency: 50 }, ttlMs: 300 });
    await before.client.addToxic('echo', { name: 'stays', type: 'latency', attributes: { latency: 1 } });
    before.release();
    const victim = await Victim.connect(link?.listen ?? '');
    expect(await victim.roundTrip()).toBeGreaterThan(50);
    await vi.waitFor(async () => expect(await victim.roundTrip()).toBeLessThan(30));
    const after = await start();
    expect(after).toMatchObject({ isAdopted: true, pid: before.pid, url: before.url });
    expect(await after.client.links()).toMatchObject([{ name: 'echo', toxics: [{ name: 'stays' }] }]);
    const same = await after.setLinks([{ name: 'echo', listen: link?.listen ?? '', upstream: echo.address }]);
    expect(same).toMatchObject([{ toxics: [{ name: 'stays' }] }]);
    victim.socket.destroy();
    await after.stop();
    // Ended, and collected by its parent.
    await vi.waitFor(() => expect(isAlive(after.pid)).toBe(false));
    await expect(readFile(join(folder, 'links.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('brings a killed program back, with its links on their ports and without its faults', async () => {
    const restarted: string[][] = [];
    const handle = await start((links) => restarted.push(links.map(({ listen }) => listen)));
    const links = await handle.setLinks([
      { name: 'one', listen: '127.0.0.1:0', upstream: echo.address },
      { name: 'two', listen: '127.0.0.1:0', upstream: echo.address, http: true },
    ]);
    await handle.client.addToxic('one', { type: 'timeout' });
    const { pid, url } = handle;
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(restarted).toEqual([links.map(({ listen }) => listen)]), { timeout: 5000 });
    expect(handle.pid).not.toBe(pid);
    expect(handle.url).toBe(url);
    expect(await handle.client.links()).toMatchObject([{ toxics: [] }, { http: true, toxics: [] }]);
    const victim = await Victim.connect(links[0]?.listen ?? '');
    await victim.roundTrip();
    victim.socket.destroy();
  });

  test('finds a program that was brought back before it', async () => {
    const before = await start();
    const { pid } = before;
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(before.pid).not.toBe(pid), { timeout: 5000 });
    before.release();
    expect(await start()).toMatchObject({ isAdopted: true, pid: before.pid });
  });

  test('ends one that stands still and keeps the ports of the links', { timeout: 40_000 }, async () => {
    const before = await start();
    const [link] = await before.setLinks([{ name: 'echo', listen: '127.0.0.1:0', upstream: echo.address }]);
    const { pid } = before;
    before.release();
    process.kill(pid, 'SIGSTOP');
    const after = await start();
    expect(after.isAdopted).toBe(false);
    await after.setLinks([{ name: 'echo', listen: link?.listen ?? '', upstream: echo.address }]);
    const victim = await Victim.connect(link?.listen ?? '');
    await victim.roundTrip();
    victim.socket.destroy();
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });

  test('ends one that hangs meanwhile, says so, and starts it again as after a death', {
    timeout: 40_000,
  }, async () => {
    const told: unknown[] = [];
    const handle = await start(
      (links) => told.push(links.map(({ listen }) => listen)),
      (error) => told.push((error as Error).message),
    );
    const [link] = await handle.setLinks([{ name: 'echo', listen: '127.0.0.1:0', upstream: echo.address }]);
    const { pid, url } = handle;
    const stoppedMs = performance.now();
    process.kill(pid, 'SIGSTOP');
    await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 30_000 });
    expect(performance.now() - stoppedMs).toBeGreaterThan(5500);
    expect(told).toEqual([`The links program at ${url} does not answer: it hangs and is ended.`, [link?.listen]]);
    expect(handle).toMatchObject({ url, pid: expect.not.toSatisfy((now: number) => now === pid) });
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
    const victim = await Victim.connect(link?.listen ?? '');
    await victim.roundTrip();
    victim.socket.destroy();
  });

  test('gets all links but those whose port is taken, and these once it is free', async () => {
    const remade: number[] = [];
    const handle = await start((links) => remade.push(links.length));
    const stranger = await startUpstream();
    const specs = [
      { name: 'taken', listen: stranger.address, upstream: echo.address },
      { name: 'free', listen: '127.0.0.1:0', upstream: echo.address },
    ];
    await expect(handle.setLinks(specs)).rejects.toThrow('address already in use');
    const free = await handle.client.links();
    expect(free).toMatchObject([{ name: 'free' }]);
    await stranger.close();
    await vi.waitFor(() => expect(remade).toEqual([2]), { timeout: 10_000 });
    expect(await handle.client.links()).toContainEqual(free[0]);
    const victim = await Victim.connect(stranger.address);
    await victim.roundTrip();
    victim.socket.destroy();
  });

  test('is told what the program refuses, and that it does not answer', async () => {
    const handle = await start();
    await expect(handle.client.addToxic('none', { type: 'latency' })).rejects.toMatchObject({
      code: 'LINKS_REFUSED',
      message: expect.stringContaining('proxy not found'),
    });
    expect(await handle.setLinks([])).toEqual([]);
    const { client } = handle;
    await handle.stop();
    await expect(client.stats()).rejects.toMatchObject({ code: 'LINKS_UNREACHABLE' });
  });
});
