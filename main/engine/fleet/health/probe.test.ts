import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import type { FleetRun, InstanceRef } from '../../runtimes/index.ts';
import type { Healthcheck } from '../model.ts';
import { probe } from './probe.ts';

const instance = { service: 'gateway', index: 1 } as InstanceRef;
const check = (timeoutMs: number): Healthcheck => ({
  http: { port: 'http', path: '/health/ready' },
  tcp: null,
  test: null,
  timeoutMs,
  intervalMs: 1000,
  retries: 3,
  startPeriodMs: 0,
  startIntervalMs: 250,
});
const reaching = (port: number): FleetRun => ({ reach: () => ({ host: '127.0.0.1', port }) }) as unknown as FleetRun;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A service that answers at once, in a thread of its own: it goes on while the test's thread is held up. */
async function answering(): Promise<number> {
  const program = `
    const server = require('node:http').createServer((_, response) => response.end('ok'));
    server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port));`;
  const worker = new Worker(program, { eval: true });
  cleanups.push(() => worker.terminate());
  const [port] = await once(worker, 'message');
  return port as number;
}

function holdUp(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('does not blame a service for the time in which the engine itself could not look', async () => {
  const port = await answering();
  const asked = probe(reaching(port), instance, check(200));
  holdUp(600);
  expect(await asked).toEqual({ ok: true, detail: '' });
});

it('gives up on a service that takes a connection and never answers', async () => {
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  cleanups.push(() => silent.close());
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await probe(reaching(port), instance, check(100))).toEqual({
    ok: false,
    detail: 'GET /health/ready got no answer within 100 ms',
  });
});

it('does not take the word of a proxy that accepts and has nobody behind it', async () => {
  const tcp: Healthcheck = { ...check(1000), http: null, tcp: { port: 'tcp' } };
  const proxied = (port: number): FleetRun =>
    ({ reach: () => ({ host: '127.0.0.1', port, proxied: true }) }) as unknown as FleetRun;
  const listening = async (accept: (socket: Socket) => void): Promise<number> => {
    const server = createServer(accept);
    cleanups.push(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as { port: number }).port;
  };
  const open: Socket[] = [];
  cleanups.push(() => open.map((socket) => socket.destroy()));
  const empty = await listening((socket) => socket.destroy());
  const lasting = await listening((socket) => open.push(socket));
  expect(await probe(proxied(empty), instance, tcp)).toEqual({
    ok: false,
    detail: `nothing listens on 127.0.0.1:${empty}`,
  });
  expect(await probe(proxied(lasting), instance, tcp)).toEqual({ ok: true, detail: '' });
});
