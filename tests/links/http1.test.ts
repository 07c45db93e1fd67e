import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ToxicSpec } from '../../main/engine/links/index.ts';
import { least, startUpstream, Victim } from './support/echo.ts';
import { type Links, startLinksProgram } from './support/links.ts';

let links: Links;
let server: Server;
let listen: string;
let agent: Agent;
const seen: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[] = [];

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '', headers } = request;
  seen.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
  response.setHeader('X-Served', String(seen.length));
  if (url.startsWith('/chunked')) {
    for (let part = 0; part < 20; part += 1) response.write(`part ${part};`);
    response.end();
  } else response.writeHead(url.startsWith('/missing') ? 404 : 200).end(`hello ${url}`);
}

beforeAll(async () => {
  links = await startLinksProgram();
  server = createServer((incoming, response) => void serve(incoming, response));
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  ({ listen } = await links.client.create({ name: 'web', listen: '127.0.0.1:0', upstream, http: true }));
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(async () => {
  await links.client.reset();
  seen.length = 0;
});
afterAll(async () => {
  agent.destroy();
  await links.close();
  server.closeAllConnections();
  server.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly ms: number;
}

function get(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const began = performance.now();
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((done, fail) => {
    const call = request(`http://${listen}${path}`, { agent, method, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      done({ status: response.statusCode ?? 0, headers: response.headers, body: text, ms: performance.now() - began });
    });
    call.on('error', fail);
    call.end(body);
  });
}

const add = (toxic: ToxicSpec) => links.client.addToxic('web', toxic);
const connections = async () => (await links.client.stats()).web?.connections.total ?? 0;

describe('http_abort', () => {
  test('answers itself what matches, on the same connection, and upstream sees nothing of it', async () => {
    await get('/before');
    const before = await connections();
    await add({
      type: 'http_abort',
      attributes: { status: 503, path: '/orders/*', method: 'GET,PUT', body: '{"no":1}' },
    });
    expect(await get('/orders/1?x=1')).toMatchObject({
      status: 503,
      body: '{"no":1}',
      headers: { 'content-type': 'application/json', 'x-flotilla-fault': 'http_abort_upstream' },
    });
    expect(await get('/orders/1', { method: 'PUT', body: 'x'.repeat(200_000) })).toMatchObject({ status: 503 });
    expect(await get('/orders/1', { method: 'POST', body: 'abc' })).toMatchObject({ status: 200 });
    expect(await get('/orders/1/items')).toMatchObject({ status: 200, body: 'hello /orders/1/items' });
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /before',
      'POST /orders/1',
      'GET /orders/1/items',
    ]);
    await links.client.removeToxic('web', 'http_abort_upstream');
    expect(await get('/orders/1')).toMatchObject({ status: 200 });
    expect(await connections()).toBe(before);
  });

  test('downstream answers instead of upstream, which has done its work', async () => {
    await add({ type: 'http_abort', stream: 'downstream', attributes: { status: 500, header: 'x-user: 4*' } });
    expect(await get('/chunked', { headers: { 'x-user': '42' } })).toMatchObject({ status: 500, body: '' });
    expect(await get('/chunked', { headers: { 'x-user': '7' } })).toMatchObject({ status: 200 });
    expect(seen).toHaveLength(2);
  });

  test('hits its percentage of requests', async () => {
    await add({ type: 'http_abort', attributes: { percentage: 30 } });
    let aborted = 0;
    for (let round = 0; round < 200; round += 1) if ((await get('/')).status === 503) aborted += 1;
    expect(aborted).toBeGreaterThan(30);
    expect(aborted).toBeLessThan(95);
    expect(seen).toHaveLength(200 - aborted);
  });

  test('matches by an expression that would backtrack for ever without stopping anything', async () => {
    await add({ type: 'http_abort', attributes: { path: '~^/(a+)+$' } });
    expect(await get(`/${'a'.repeat(500)}!`)).toMatchObject({ status: 200 });
    expect(await get(`/${'a'.repeat(500)}`)).toMatchObject({ status: 503 });
    const refused = { type: 'http_abort', attributes: { path: '~(a)\\1' } };
    await expect(add({ ...refused, name: 'refused' })).rejects.toThrow('cannot be matched in linear time');
  });

  test('reaches connections that were open before anybody looked at HTTP', async () => {
    await links.client.update('web', { http: false });
    const own = new Agent({ keepAlive: true, maxSockets: 1 });
    const shared = agent;
    agent = own;
    await get('/warm');
    const before = await connections();
    await add({ type: 'http_abort', attributes: { path: '~^/cold$' } });
    expect(await get('/cold')).toMatchObject({ status: 503 });
    expect(await get('/warm')).toMatchObject({ status: 200 });
    expect(await connections()).toBe(before);
    own.destroy();
    agent = shared;
    await links.client.update('web', { http: true });
  });
});

describe('http_delay', () => {
  test('holds matching requests back before upstream, others not at all', async () => {
    await get('/warm');
    await add({ type: 'http_delay', attributes: { latency: 100, path: '/slow' } });
    const slow = await least(105, async () => {
      const { ms } = await get('/slow');
      expect(ms).toBeGreaterThan(98);
      return ms;
    });
    expect(slow).toBeLessThan(105);
    expect(await least(30, async () => (await get('/fast')).ms)).toBeLessThan(30);
  });

  test('downstream holds the answer back; removed, what it holds goes at once', async () => {
    const took = await least(50, async () => {
      seen.length = 0;
      await add({ type: 'http_delay', stream: 'downstream', attributes: { latency: 60_000 } });
      const waiting = get('/chunked');
      await vi.waitFor(() => expect(seen).toHaveLength(1));
      const began = performance.now();
      await links.client.removeToxic('web', 'http_delay_downstream');
      expect((await waiting).body).toContain('part 19;');
      return performance.now() - began;
    });
    expect(took).toBeLessThan(50);
  });
});

describe('http_drop_nth', () => {
  test('resets every nth matching request', async () => {
    await add({ type: 'http_drop_nth', attributes: { nth: 3, path: '/drop' } });
    const outcomes: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      outcomes.push(
        await get('/drop').then(
          ({ status }) => String(status),
          (error: { code: string }) => error.code,
        ),
      );
      await get('/other');
    }
    expect(outcomes).toEqual(['200', '200', 'ECONNRESET', '200', '200', 'ECONNRESET']);
  });

  test('lets it hang instead, until the fault is gone', async () => {
    await add({ type: 'http_drop_nth', attributes: { mode: 'hang' } });
    const faults = async (): Promise<number> => (await links.client.stats()).web?.http.faults ?? 0;
    const before = await faults();
    const waiting = get('/hang').catch((error: Error) => error);
    await vi.waitFor(async () => expect(await faults()).toBe(before + 1));
    const victim = await Victim.connect(listen);
    await links.client.updateToxic('web', 'http_drop_nth_upstream', { attributes: { path: '/hang' } });
    const piped = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    victim.socket.write(piped('/first') + piped('/hang') + piped('/behind'));
    await vi.waitFor(() => expect(victim.text).toContain('hello /first'));
    expect(seen.map(({ path }) => path)).toEqual(['/first']);
    expect(victim.text).not.toContain('behind');
    victim.socket.destroy();
    await links.client.reset();
    expect(await waiting).toBeInstanceOf(Error);
    expect(await get('/after')).toMatchObject({ status: 200 });
  });
});

test('http_header and http_body replace parts of requests and responses', async () => {
  await add({ type: 'http_header', stream: 'upstream', attributes: { name: 'X-User', value: 'mallory' } });
  await add({ name: 'gone', type: 'http_header', attributes: { name: 'x-served', value: '' } });
  await add({ name: 'set', type: 'http_header', attributes: { name: 'Retry-After', value: '7' } });
  await add({ type: 'http_body', attributes: { body: 'garbage', path: '/chunked', content_type: 'text/x-noise' } });
  await add({ type: 'http_body', stream: 'upstream', attributes: { body: 'swapped', method: 'POST' } });
  const changed = await get('/chunked', { headers: { 'x-user': 'alice' } });
  expect(changed).toMatchObject({
    status: 200,
    body: 'garbage',
    headers: { 'retry-after': '7', 'content-length': '7' },
  });
  expect(changed.headers['content-type']).toBe('text/x-noise');
  expect(changed.headers['x-served']).toBeUndefined();
  expect(changed.headers['transfer-encoding']).toBeUndefined();
  expect(await get('/plain', { method: 'POST', body: 'original'.repeat(10_000) })).toMatchObject({
    body: 'hello /plain',
  });
  expect(seen.map(({ headers, body }) => [headers['x-user'], body])).toEqual([
    ['mallory', ''],
    ['mallory', 'swapped'],
  ]);
  expect(await get('/head', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
});

describe('what is hard about HTTP/1.1', () => {
  test('pipelined requests are answered in their order, whoever answers', async () => {
    await add({ type: 'http_abort', attributes: { path: '/no', status: 418 } });
    const victim = await Victim.connect(listen);
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    victim.socket.write(get('/one') + get('/no') + get('/chunked') + get('/no') + get('/two'));
    await vi.waitFor(() => expect(victim.text).toContain('hello /two'));
    const parts = [...victim.text.matchAll(/HTTP\/1\.1 (\d+)|hello (\/\w+)|part (19);/g)];
    expect(parts.map(([, status, path, part]) => status ?? path ?? part)).toEqual([
      ...['200', '/one'],
      '418',
      ...['200', '19'],
      '418',
      ...['200', '/two'],
    ]);
    victim.socket.destroy();
  });

  test('heads and bodies may arrive byte by byte; 100-continue and upgrades pass', async () => {
    await add({ type: 'http_abort', attributes: { path: '/never' } });
    const victim = await Victim.connect(listen);
    const post = 'POST /bytes HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n';
    for (const byte of `${post}3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n`) victim.socket.write(byte);
    await vi.waitFor(() => expect(victim.text).toContain('hello /bytes'));
    expect(victim.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/);
    expect(seen).toMatchObject([{ body: 'abcde' }]);
    victim.socket.write('GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await vi.waitFor(() => expect(victim.text).toContain('101 Switching'));
    victim.socket.write('GET /never HTTP/1.1\r\n\r\n');
    await vi.waitFor(() => expect(victim.text).toContain('GET /never'));
    victim.socket.destroy();
  });

  test('what only looks like HTTP passes as it is', async () => {
    const echo = await startUpstream();
    const link = await links.client.create({ name: 'mail', listen: '127.0.0.1:0', upstream: echo.address, http: true });
    await links.client.addToxic('mail', { type: 'http_abort' });
    for (const text of [
      'EHLO host\r\n',
      'GET key\r\n',
      '*1\r\n$4\r\nPING\r\n',
      '\x00\x01\x02',
      'POST / HTTP/1.1\r\nbad head\r\n\r\n',
    ]) {
      const victim = await Victim.connect(link.listen);
      await victim.roundTrip(text);
      expect(victim.text).toBe(text);
      victim.socket.destroy();
    }
    await links.client.remove('mail');
    await echo.close();
  });
});

test('requests and responses are counted by class of status', async () => {
  const before = (await links.client.stats()).web?.http;
  await get('/one');
  await get('/missing');
  await add({ type: 'http_abort', attributes: { path: '/abort' } });
  await get('/abort');
  const after = (await links.client.stats()).web?.http;
  expect((after?.requests ?? 0) - (before?.requests ?? 0)).toBe(3);
  for (const kind of ['2xx', '4xx', '5xx'] as const) {
    expect((after?.responses[kind] ?? 0) - (before?.responses[kind] ?? 0)).toBe(1);
  }
  expect((after?.faults ?? 0) - (before?.faults ?? 0)).toBe(1);
});
