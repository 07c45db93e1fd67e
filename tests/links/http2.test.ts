import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants, createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import {
  Client,
  credentials,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ToxicSpec } from '../../main/engine/links/index.ts';
import { least, startUpstream, Victim } from './support/echo.ts';
import { type Links, startLinksProgram } from './support/links.ts';

let links: Links;
afterAll(() => links.close());
beforeAll(async () => {
  links = await startLinksProgram();
});
afterEach(() => links.client.reset());

describe('HTTP/2 with prior knowledge', () => {
  let server: Http2Server;
  let session: ClientHttp2Session;
  const seen: { path: string; headers: Record<string, unknown>; body: string }[] = [];
  const add = (toxic: ToxicSpec) => links.client.addToxic('h2', toxic);

  beforeAll(async () => {
    server = createServer();
    server.on('stream', async (stream, headers) => {
      stream.on('error', () => {});
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const path = String(headers[':path']);
      seen.push({ path, headers, body: Buffer.concat(chunks).toString() });
      if (stream.destroyed) return;
      stream.respond({ ':status': path === '/missing' ? 404 : 200, 'x-path': path, 'x-count': String(seen.length) });
      stream.end(path === '/large' ? 'x'.repeat(300_000) : `hello ${path}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { listen } = await links.client.create({ name: 'h2', listen: '127.0.0.1:0', upstream });
    session = connect(`http://${listen}`);
    session.on('error', () => {});
    await once(session, 'connect');
  });
  afterEach(() => {
    seen.length = 0;
  });
  afterAll(() => {
    session.destroy();
    server.close();
  });

  interface Answer {
    readonly status: number;
    readonly headers: Record<string, unknown>;
    readonly body: string;
    readonly ms: number;
  }

  async function get(path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    const began = performance.now();
    const stream = session.request({ ':path': path, ':method': body === undefined ? 'GET' : 'POST', ...headers });
    let answered: Record<string, unknown> = {};
    stream.on('response', (fields) => {
      answered = fields;
    });
    stream.end(body);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return { status: Number(answered[':status']), headers: answered, body: text, ms: performance.now() - began };
  }

  test('passes, large bodies too, with many streams at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        get(index % 5 === 0 ? '/large' : `/p${index}`, { 'x-index': String(index) }),
      ),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers[0]?.body).toHaveLength(300_000);
    expect(answers[7]).toMatchObject({ body: 'hello /p7', headers: { 'x-path': '/p7' } });
  });

  test('an abort reaches a connection that was open before, and leaves what comes after it whole', async () => {
    await get('/warm', { 'x-user': 'alice' });
    await add({ type: 'http_abort', attributes: { path: '/orders/*', status: 503, body: 'no' } });
    for (let round = 0; round < 5; round += 1) {
      const user = { 'x-user': `user-${round}`, 'x-same': 'same' };
      const [aborted, posted, passed] = await Promise.all([
        get('/orders/1', { ...user, 'x-only': `${round}` }),
        get('/orders/2', user, 'y'.repeat(100_000)),
        get(`/items/${round}`, user),
      ]);
      expect(aborted).toMatchObject({
        status: 503,
        body: 'no',
        headers: { 'x-flotilla-fault': 'http_abort_upstream' },
      });
      expect(posted).toMatchObject({ status: 503 });
      expect(passed).toMatchObject({ status: 200, body: `hello /items/${round}` });
      expect(seen.at(-1)?.headers).toMatchObject({ 'x-user': `user-${round}`, 'x-same': 'same' });
    }
    expect(seen.some(({ path }) => path.startsWith('/orders'))).toBe(false);
    await links.client.removeToxic('h2', 'http_abort_upstream');
    expect(await get('/orders/1')).toMatchObject({ status: 200, body: 'hello /orders/1' });
  });

  test('an abort of the answer replaces it', async () => {
    await add({ type: 'http_abort', stream: 'downstream', attributes: { status: 500, path: '/large' } });
    for (let round = 0; round < 5; round += 1) {
      expect(await get('/large')).toMatchObject({ status: 500, body: '' });
      expect(await get('/small')).toMatchObject({ status: 200, body: 'hello /small' });
    }
  });

  test('a delay holds one stream up and no other', async () => {
    await add({ type: 'http_delay', attributes: { latency: 500, path: '/slow' } });
    await get('/warm');
    const slow = get('/slow');
    const large = get('/large');
    expect(await least(100, async () => (await get('/fast')).ms, 3)).toBeLessThan(300);
    expect((await large).body).toHaveLength(300_000);
    expect((await slow).ms).toBeGreaterThan(498);
    expect(await slow).toMatchObject({ status: 200, body: 'hello /slow', headers: { 'x-path': '/slow' } });
    expect(await get('/after')).toMatchObject({ headers: { 'x-path': '/after' } });
  });

  test('a delay that is removed lets go at once', async () => {
    const took = await least(50, async () => {
      seen.length = 0;
      await add({ type: 'http_delay', attributes: { latency: 60_000 } });
      const slow = get('/held');
      await vi.waitFor(() => expect(seen).toHaveLength(1));
      const began = performance.now();
      await links.client.reset();
      expect((await slow).body).toBe('hello /held');
      return performance.now() - began;
    });
    expect(took).toBeLessThan(50);
  });

  test('every nth stream is reset, or hangs until the fault is gone', async () => {
    await add({ type: 'http_drop_nth', attributes: { nth: 2, path: '/drop' } });
    const drop = () =>
      get('/drop').then(
        ({ status }) => status,
        (error: NodeJS.ErrnoException) => error.code,
      );
    expect([await drop(), await drop(), await drop(), await drop()]).toEqual([
      200,
      'ERR_HTTP2_STREAM_ERROR',
      200,
      'ERR_HTTP2_STREAM_ERROR',
    ]);
    await add({ name: 'hang', type: 'http_drop_nth', attributes: { mode: 'hang', path: '/hang' } });
    const stream = session.request({ ':path': '/hang' });
    const closed = once(stream, 'close');
    stream.on('error', () => {});
    expect(await get('/other')).toMatchObject({ status: 200 });
    expect(stream.closed).toBe(false);
    await links.client.removeToxic('h2', 'hang');
    await closed;
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });

  test('headers and bodies are replaced, and the windows stay whole', async () => {
    await add({ type: 'http_header', stream: 'upstream', attributes: { name: 'X-User', value: 'mallory' } });
    await add({ name: 'gone', type: 'http_header', attributes: { name: 'x-count', value: '' } });
    await add({ type: 'http_body', attributes: { body: 'garbage', path: '/large' } });
    await add({ type: 'http_body', stream: 'upstream', attributes: { body: 'swapped', method: 'POST' } });
    for (let round = 0; round < 5; round += 1) {
      const changed = await get('/large', { 'x-user': 'alice' });
      expect(changed).toMatchObject({ status: 200, body: 'garbage' });
      expect(changed.headers['x-count']).toBeUndefined();
      expect(await get('/post', {}, 'z'.repeat(200_000))).toMatchObject({ body: 'hello /post' });
    }
    expect(seen.map(({ headers, body }) => [headers['x-user'], body]).slice(0, 2)).toEqual([
      ['mallory', ''],
      ['mallory', 'swapped'],
    ]);
    await links.client.reset();
    const whole = await Promise.all([get('/large'), get('/large'), get('/post', {}, 'z'.repeat(200_000))]);
    expect(whole.map(({ body }) => body.length)).toEqual([300_000, 300_000, 'hello /post'.length]);
  });

  test('what only begins like HTTP/2 passes as it is', async () => {
    const echo = await startUpstream();
    const { listen } = await links.client.create({
      name: 'odd',
      listen: '127.0.0.1:0',
      upstream: echo.address,
      http: true,
    });
    await links.client.addToxic('odd', { type: 'http_abort' });
    const victim = await Victim.connect(listen);
    await victim.roundTrip('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await victim.roundTrip(
      `\x00\x00\x05\x01\x04\x00\x00\x00\x01\x7f\x7f\x7f\x7f\x7f and then ${'anything '.repeat(1000)}`,
    );
    victim.socket.destroy();
    await links.client.remove('odd');
    await echo.close();
  });

  test('requests are counted', async () => {
    const before = (await links.client.stats()).h2?.http;
    await Promise.all([get('/one'), get('/missing')]);
    const after = (await links.client.stats()).h2?.http;
    expect((after?.requests ?? 0) - (before?.requests ?? 0)).toBe(2);
    expect((after?.responses['4xx'] ?? 0) - (before?.responses['4xx'] ?? 0)).toBe(1);
  });
});

describe('gRPC', () => {
  const identity = (bytes: Buffer): Buffer => bytes;
  const method = (path: string, responseStream: boolean) => ({
    path,
    requestStream: false,
    responseStream,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  });
  const server = new Server();
  let client: Client;
  let calls = 0;
  const add = (toxic: ToxicSpec) => links.client.addToxic('grpc', toxic);

  beforeAll(async () => {
    const charged: handleUnaryCall<Buffer, Buffer> = ({ request }, done) => {
      calls += 1;
      if (request.toString() === 'refuse') done({ code: status.FAILED_PRECONDITION, details: 'refused' });
      else done(null, Buffer.from(`charged ${request}`));
    };
    const watched: handleServerStreamingCall<Buffer, Buffer> = (call) => {
      for (let index = 0; index < 5; index += 1) call.write(Buffer.from(`event ${index}`));
      call.end();
    };
    server.addService(
      { charge: method('/shop.Payments/Charge', false), watch: method('/shop.Payments/Watch', true) },
      { charge: charged, watch: watched },
    );
    const port = await new Promise<number>((done, fail) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? fail(error) : done(bound),
      );
    });
    const { listen } = await links.client.create({
      name: 'grpc',
      listen: '127.0.0.1:0',
      upstream: `127.0.0.1:${port}`,
    });
    client = new Client(listen, credentials.createInsecure());
  });
  afterAll(() => {
    client.close();
    server.forceShutdown();
  });

  function charge(text: string, deadlineMs = 5000): Promise<string> {
    return new Promise((done, fail) => {
      const options = { deadline: Date.now() + deadlineMs };
      const metadata = new Metadata();
      metadata.set('x-order', text);
      client.makeUnaryRequest(
        '/shop.Payments/Charge',
        identity,
        identity,
        Buffer.from(text),
        metadata,
        options,
        (error, value) => (error ? fail(error) : done(String(value))),
      );
    });
  }

  const codeOf = (call: Promise<string>): Promise<number> =>
    call.then(
      () => status.OK,
      (error: ServiceError) => error.code,
    );

  test('calls fail with the status of the fault, and others go on', async () => {
    expect(await charge('a')).toBe('charged a');
    const before = calls;
    await add({
      type: 'http_abort',
      attributes: { path: '/shop.Payments/*', header: 'x-order: b*', grpc_status: 8, body: 'no more' },
    });
    await expect(charge('b1')).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: 'no more' });
    expect(await charge('a')).toBe('charged a');
    expect(calls).toBe(before + 1);
    await links.client.updateToxic('grpc', 'http_abort_upstream', { attributes: { grpc_status: -1, status: 503 } });
    expect(await codeOf(charge('b2'))).toBe(status.UNAVAILABLE);
    await links.client.reset();
    expect(await charge('b3')).toBe('charged b3');
    expect((await links.client.stats()).grpc?.connections.total).toBe(1);
  });

  test('a delay runs into the deadline of the caller alone that it hits', async () => {
    await add({ type: 'http_delay', attributes: { latency: 2000, header: 'x-order: slow' } });
    const slow = codeOf(charge('slow', 200));
    expect(await charge('fast')).toBe('charged fast');
    expect(await slow).toBe(status.DEADLINE_EXCEEDED);
    expect(await charge('again')).toBe('charged again');
  });

  test('a dropped call fails; a replaced message arrives as a message; streams pass', async () => {
    await add({ type: 'http_drop_nth', attributes: { header: 'x-order: drop' } });
    expect(await codeOf(charge('drop'))).toBe(status.INTERNAL);
    await add({ type: 'http_body', attributes: { body: 'forged', header: 'x-order: forge' } });
    expect(await charge('forge')).toBe('forged');
    const stream = client.makeServerStreamRequest('/shop.Payments/Watch', identity, identity, Buffer.from('w'));
    const events: string[] = [];
    for await (const event of stream) events.push(String(event));
    expect(events).toHaveLength(5);
  });

  test("the callee's own errors are counted as such", async () => {
    const before = (await links.client.stats()).grpc?.http.grpcErrors ?? 0;
    expect(await codeOf(charge('refuse'))).toBe(status.FAILED_PRECONDITION);
    expect((await links.client.stats()).grpc?.http.grpcErrors).toBe(before + 1);
  });
});
