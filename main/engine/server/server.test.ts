import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import WebSocketClient from 'ws';
import { connect, watchEngine } from '../../client/index.ts';
import { type ApiHandlers, type EngineState, FlotillaError, type LogRecord } from '../../contract/index.ts';
import { type EngineServer, startServer } from './server.ts';
import { StateHub } from './state-hub.ts';

const token = 'a'.repeat(64);
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const emptyState: EngineState = {
  engine: { pid: 1, version: '0', url: 'http://127.0.0.1:1', startedAt: '2026-01-01T00:00:00Z' },
  otlp: { http: '', grpc: '' },
  links: null,
  chaos: { faults: [], isBlocked: false, experiment: null },
  fleet: null,
  marks: [],
  problems: [],
};

function handlersWith(some: Partial<ApiHandlers>): ApiHandlers {
  return new Proxy(some as ApiHandlers, {
    get: (target, name: keyof ApiHandlers) =>
      target[name] ??
      (() => {
        throw new FlotillaError('NOT_FOUND', { what: 'handler', name });
      }),
  });
}

async function serve(some: Partial<ApiHandlers>, port = 0): Promise<EngineServer> {
  const server = await startServer({ handlers: handlersWith(some), token, rendererDir: null, port });
  closers.push(() => server.close());
  return server;
}

function client(server: { url: string }, withToken: string | undefined = token) {
  const made = connect({
    url: server.url,
    WebSocket: WebSocketClient as unknown as typeof WebSocket,
    ...(withToken === undefined ? {} : { token: withToken }),
  });
  closers.push(() => made.close());
  return made;
}

function raw(url: string, headers: Record<string, string>, path = '/api/engine.state'): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path, headers, method: 'POST' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on('error', reject).end();
  });
}

function upgrade(url: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocketClient(`${url.replace('http', 'ws')}/api`, { headers });
    socket.on('open', () => resolve('open')).on('error', (error) => resolve(error.message));
    closers.push(() => socket.terminate());
  });
}

test('a ticket opens one session, and only who may call gets one', async () => {
  const server = await serve({});
  const post = (path: string, authorization?: string): Promise<Response> =>
    fetch(`${server.url}${path}`, { method: 'POST', headers: authorization === undefined ? {} : { authorization } });
  expect((await post('/api/ticket')).status).toBe(401);
  // The same address, written otherwise.
  for (const path of ['/%61pi/ticket', '/api/%74icket', '//api/ticket', '/api/ticket/', '/API/ticket'])
    expect((await post(path)).status, path).not.toBe(200);
  const { ticket } = (await (await post('/api/ticket', `Bearer ${token}`)).json()) as { ticket: string };
  expect(await raw(server.url, { authorization: `Ticket ${ticket}` })).toBe(401);
  const opened = await post('/api/session', `Ticket ${ticket}`);
  expect([opened.status, opened.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('HttpOnly')]);
  expect((await post('/api/session', `Ticket ${ticket}`)).status).toBe(401);
});

const until = (condition: () => boolean) => expect.poll(condition, { timeout: 5000, interval: 10 }).toBe(true);

test('a call is answered with what its handler gives', async () => {
  const server = await serve({ 'engine.state': () => emptyState });
  await expect(client(server).call('engine.state', undefined)).resolves.toEqual(emptyState);
});

test('an error of the catalogue arrives with code, sentence and remedy', async () => {
  const server = await serve({
    'service.act': () => {
      throw new FlotillaError('SERVICE_UNKNOWN', { service: 'oders', known: 'orders' });
    },
  });
  const call = client(server).call('service.act', { service: 'oders' as never, action: 'stop' });
  await expect(call).rejects.toMatchObject({
    code: 'SERVICE_UNKNOWN',
    message: 'There is no service called oders.',
    remedy: 'The fleet has: orders',
  });
});

test('an input that does not fit names the field', async () => {
  const server = await serve({ 'fleet.dial': () => undefined });
  const call = client(server).call('fleet.dial', { value: 'much' as never });
  await expect(call).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('value') });
});

test('without the token every call is refused, over HTTP and over the WebSocket', async () => {
  const server = await serve({ 'engine.state': () => emptyState });
  await expect(client(server, 'b'.repeat(64)).call('engine.state', undefined)).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
  });
  expect(await raw(server.url, {})).toBe(401);
  const refused = await new Promise((resolve) => {
    client(server, 'b'.repeat(64)).subscribe('engine.watch', {}, { onData: resolve, onError: resolve });
  });
  expect(refused).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a foreign Host or Origin is refused even with the token', async () => {
  const server = await serve({ 'engine.state': () => emptyState });
  const authorization = `Bearer ${token}`;
  expect(await raw(server.url, { authorization, host: 'evil.example' })).toBe(403);
  expect(await raw(server.url, { authorization, origin: 'https://evil.example' })).toBe(403);
  expect(await upgrade(server.url, { origin: 'https://evil.example' })).toContain('403');
  expect(await upgrade(server.url, { origin: server.url })).toContain('401');
});

test('the token is exchanged for a cookie that no script can read and that then is enough', async () => {
  const server = await serve({ 'engine.state': () => emptyState });
  const answer = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
  expect(cookie).not.toContain(token);
  const pair = cookie.split(';')[0] ?? '';
  expect(await raw(server.url, { cookie: pair })).toBe(415);
  expect(await upgrade(server.url, { origin: server.url, cookie: pair })).toBe('open');
});

test('a watcher resumes after the last number that it saw, without a second snapshot', async () => {
  const hub = new StateHub(emptyState);
  let snapshots = 0;
  const handlers: Partial<ApiHandlers> = {
    'engine.watch': async function* ({ afterSeq }, signal) {
      for await (const event of hub.watch(afterSeq, signal)) {
        if (event.kind === 'snapshot') snapshots += 1;
        yield event;
      }
    },
  };
  const first = await serve(handlers);
  const connection = client(first);
  const watch = watchEngine(connection);
  await until(() => watch.get() !== null);

  const problem = { code: 'X', message: 'm', remedy: 'r' };
  await first.close();
  await until(() => connection.status.state === 'reconnecting');
  hub.apply({ kind: 'problems', problems: [problem] });
  const second = await serve(handlers, Number(new URL(first.url).port));
  expect(second.url).toBe(first.url);
  await until(() => watch.get()?.problems.length === 1);
  expect(snapshots).toBe(1);
});

test('a watcher of an engine that was started anew gets a snapshot', async () => {
  const before = new StateHub(emptyState, 1000);
  before.apply({ kind: 'problems', problems: [] });
  const after = new StateHub(emptyState, 2000);
  const stop = new AbortController();
  const events = after.watch(1000 * 1024 + 1, stop.signal);
  const { value } = await events.next();
  expect(value).toMatchObject({ kind: 'snapshot' });
  stop.abort();
});

test('a stream is not read on while its socket is full', async () => {
  let produced = 0;
  const server = await serve({
    'logs.tail': async function* (_input, signal) {
      const line = { seq: 0, message: 'x'.repeat(64 * 1024) } as unknown as LogRecord;
      while (!signal.aborted && produced < 10_000) {
        produced += 1;
        yield { streamId: 's', lines: [{ ...line, seq: produced }], skipped: 0 };
      }
    },
  });
  const socket = new WebSocketClient(`${server.url.replace('http', 'ws')}/api?connectionParams=1`);
  closers.push(() => socket.terminate());
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }));
  socket.send(
    JSON.stringify({ id: 1, method: 'subscription', params: { path: 'logs.tail', input: { query: '', credits: 5 } } }),
  );
  await until(() => produced > 1);
  socket.pause();
  let last = -1;
  await expect
    .poll(
      () => {
        const still = produced === last;
        last = produced;
        return still;
      },
      { timeout: 8000, interval: 300 },
    )
    .toBe(true);
  expect(produced).toBeLessThan(1000);
});
