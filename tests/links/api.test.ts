import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startUpstream, type Upstream, Victim } from './support/echo.ts';
import { type Links, startLinksProgram } from './support/links.ts';

let links: Links;
let echo: Upstream;

beforeAll(async () => {
  links = await startLinksProgram();
  echo = await startUpstream();
});
afterAll(async () => {
  await links.close();
  await echo.close();
});

const failure = (status: number, error: string): object => ({ status, body: { error, status } });

/** fetch sets headers of its own, so these go out by hand. */
function statusWith(headers: Record<string, string>, address = links.address): Promise<number | undefined> {
  return new Promise((done, fail) => {
    request(`http://${address}/proxies`, { headers }, (response) => {
      response.resume();
      done(response.statusCode);
    })
      .on('error', fail)
      .end();
  });
}

describe("the control API answers as Toxiproxy's", () => {
  test('to a proxy that is made, read, changed and deleted', async () => {
    const made = await links.call('POST', '/proxies', { name: 'a->b', listen: '127.0.0.1:0', upstream: echo.address });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'a->b', upstream: echo.address, enabled: true, toxics: [] },
    });
    const { listen } = made.body as { listen: string };
    expect(listen).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    const path = `/proxies/${encodeURIComponent('a->b')}`;
    expect(await links.call('GET', path)).toEqual({ status: 200, body: made.body });
    expect(await links.call('GET', '/proxies')).toEqual({ status: 200, body: { 'a->b': made.body } });
    expect(await links.call('POST', path, { enabled: false })).toMatchObject({ status: 200, body: { enabled: false } });
    expect(await links.call('PATCH', path, { enabled: true })).toMatchObject({
      status: 200,
      body: { enabled: true, listen },
    });
    const other = await startUpstream((socket) => socket.end('other'));
    expect(await links.call('POST', path, { upstream: other.address })).toMatchObject({
      status: 200,
      body: { upstream: other.address, listen, enabled: true },
    });
    const victim = await Victim.connect(listen);
    victim.socket.end();
    await victim.closed();
    expect(victim.text).toBe('other');
    await other.close();
    expect(await links.call('DELETE', path)).toEqual({ status: 204, body: '' });
    expect(await links.call('GET', path)).toEqual(failure(404, 'proxy not found'));
  });

  test('to toxics: defaults, order, change and removal', async () => {
    await links.call('POST', '/proxies', { name: 'shop', listen: '127.0.0.1:0', upstream: echo.address });
    const latency = { attributes: { latency: 5, jitter: 0 }, name: 'latency_downstream', type: 'latency' };
    const whole = { ...latency, stream: 'downstream', toxicity: 1 };
    expect(await links.call('POST', '/proxies/shop/toxics', { type: 'latency', attributes: { latency: 5 } })).toEqual({
      status: 200,
      body: whole,
    });
    const up = { name: 'up', type: 'timeout', stream: 'UPSTREAM', toxicity: 0.25, attributes: { timeout: 0 } };
    expect(await links.call('POST', '/proxies/shop/toxics', up)).toMatchObject({ body: { stream: 'upstream' } });
    const listed = await links.call('GET', '/proxies/shop/toxics');
    expect((listed.body as { name: string }[]).map(({ name }) => name)).toEqual(['up', 'latency_downstream']);
    expect(await links.call('GET', '/proxies/shop/toxics/latency_downstream')).toEqual({ status: 200, body: whole });
    for (const method of ['POST', 'PATCH']) {
      expect(
        await links.call(method, '/proxies/shop/toxics/latency_downstream', {
          attributes: { jitter: 2 },
          toxicity: 0.5,
        }),
      ).toEqual({ status: 200, body: { ...whole, attributes: { latency: 5, jitter: 2 }, toxicity: 0.5 } });
    }
    expect(await links.call('DELETE', '/proxies/shop/toxics/up')).toEqual({ status: 204, body: '' });
    await links.call('POST', '/proxies/shop', { enabled: false });
    expect(await links.call('POST', '/reset')).toEqual({ status: 204, body: '' });
    expect(await links.call('GET', '/proxies/shop')).toMatchObject({ body: { enabled: true, toxics: [] } });
    await links.call('DELETE', '/proxies/shop');
  });

  test('to populate: it creates, leaves alone, replaces, and tells what it did before a failure', async () => {
    const one = { name: 'one', listen: '127.0.0.1:0', upstream: echo.address };
    const two = { name: 'two', listen: '127.0.0.1:0', upstream: echo.address, enabled: false };
    const first = await links.call('POST', '/populate', [one, two]);
    expect(first).toMatchObject({
      status: 201,
      body: { proxies: [{ name: 'one', enabled: true }, { enabled: false }] },
    });
    const [made] = (first.body as { proxies: { listen: string }[] }).proxies;
    const same = { ...one, listen: made?.listen };
    await links.client.addToxic('one', { type: 'latency' });
    expect(await links.call('POST', '/populate', [same])).toMatchObject({ body: { proxies: [{ toxics: [{}] }] } });
    const busy = { name: 'busy', listen: made?.listen, upstream: echo.address };
    expect(await links.call('POST', '/populate', [same, busy])).toMatchObject({
      status: 500,
      body: {
        error: `listen tcp ${made?.listen}: bind: address already in use`,
        status: 500,
        proxies: [{ name: 'one' }],
      },
    });
    expect(await links.call('POST', '/populate', [{ ...same, upstream: '127.0.0.1:1' }])).toMatchObject({
      body: { proxies: [{ upstream: '127.0.0.1:1', toxics: [] }] },
    });
    expect(await links.call('POST', '/populate', [one, { name: 'x' }])).toMatchObject({
      status: 400,
      body: { error: 'missing required field: upstream at proxy 2' },
    });
    for (const name of ['one', 'two']) await links.call('DELETE', `/proxies/${name}`);
  });

  test('to what is wrong', async () => {
    await links.call('POST', '/proxies', { name: 'shop', listen: '127.0.0.1:0', upstream: echo.address });
    const post = (path: string, body?: unknown) => links.call('POST', path, body);
    expect(await post('/proxies', { upstream: 'x:1' })).toEqual(failure(400, 'missing required field: name'));
    expect(await post('/proxies', { name: 'x' })).toEqual(failure(400, 'missing required field: upstream'));
    expect(await post('/proxies', { name: 'shop', upstream: 'x:1' })).toEqual(failure(409, 'proxy already exists'));
    expect(await post('/proxies')).toEqual(failure(400, 'bad request body: EOF'));
    expect(await post('/proxies', '{')).toMatchObject({ status: 400 });
    expect(await post('/proxies', { name: 'y', upstream: 'nowhere' })).toMatchObject({ status: 400 });
    expect(await post('/proxies/none/toxics', { type: 'latency' })).toEqual(failure(404, 'proxy not found'));
    const toxics = '/proxies/shop/toxics';
    expect(await post(toxics, { type: 'gremlin' })).toEqual(failure(400, 'invalid toxic type'));
    expect(await post(toxics, { type: 'latency', stream: 'sideways' })).toEqual(
      failure(400, 'stream was invalid, can be either upstream or downstream'),
    );
    expect(await post(toxics, { type: 'latency', attributes: { latency: 'long' } })).toMatchObject({ status: 400 });
    expect(await post(toxics, { type: 'latency', attributes: { latency: 1.5 } })).toMatchObject({ status: 400 });
    expect(await post(toxics, { type: 'latency', ttlMs: -1 })).toMatchObject({ status: 400 });
    expect(await post(toxics, { type: 'http_abort', attributes: { path: '~(' } })).toMatchObject({ status: 400 });
    await post(toxics, { type: 'latency' });
    expect(await post(toxics, { type: 'latency' })).toEqual(failure(409, 'toxic already exists'));
    expect(await links.call('DELETE', `${toxics}/none`)).toEqual(failure(404, 'toxic not found'));
    expect(await links.call('GET', '/nowhere')).toEqual({ status: 404, body: '404 page not found\n' });
    expect(await links.call('DELETE', '/proxies')).toEqual({ status: 405, body: '' });
    await links.call('DELETE', '/proxies/shop');
  });

  test('with a version and metrics', async () => {
    expect(await links.call('GET', '/version')).toMatchObject({ status: 200, body: { version: expect.any(String) } });
    const { listen } = await links.client.create({ name: 'm"1', listen: '127.0.0.1:0', upstream: echo.address });
    const victim = await Victim.connect(listen);
    await victim.roundTrip('12345');
    const { body } = await links.call('GET', '/metrics');
    const label = `listener="${listen}",proxy="m\\"1",upstream="${echo.address}"`;
    expect(body).toContain(`toxiproxy_proxy_received_bytes_total{direction="upstream",${label}} 5\n`);
    expect(body).toContain('flotilla_link_connections_open{link="m\\"1"} 1\n');
    victim.socket.destroy();
    await links.client.remove('m"1');
  });
});

describe('the control API refuses', () => {
  test('browsers, pages and names that may be made to point here', async () => {
    expect(await statusWith({ 'user-agent': 'Mozilla/5.0 (X11)' })).toBe(403);
    expect(await statusWith({ origin: 'http://evil.example' })).toBe(403);
    expect(await statusWith({ host: 'evil.example:8474' })).toBe(403);
    expect(await statusWith({ host: 'links:8474' })).toBe(200);
    expect(await statusWith({ host: 'localhost:8474' })).toBe(200);
  });

  test('callers without the token where there is one', async () => {
    const guarded = await startLinksProgram({}, 'secret');
    expect(await statusWith({}, guarded.address)).toBe(401);
    expect(await statusWith({ 'x-flotilla-token': 'secre7' }, guarded.address)).toBe(401);
    expect(await guarded.client.links()).toEqual([]);
    await guarded.close();
  });
});
