import type { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Downstream } from './downstream.ts';
import { registerGraphql } from './graphql.ts';
import { Pusher } from './push.ts';
import { registerRest } from './rest.ts';
import { Shop } from './shop.ts';
import { createTokenChecker } from './tokens.ts';

const ISSUER = 'http://identity';
const LINE = { sku: 'BOX-001', name: 'Skillet', quantity: 2, priceCents: 3_990 };

interface Seen {
  method: string;
  url: string;
  body: unknown;
}

/** One server that plays every service behind the gateway. */
let behind: Server;
let behindUrl: string;
let app: FastifyInstance;
let seen: Seen[];
let answer: (request: Seen) => { status: number; body: unknown; headers?: Record<string, string> };
let keys: Array<{ kid: string; key: webcrypto.CryptoKey; jwk: object }>;

async function addKey(kid: string): Promise<void> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  keys.unshift({ kid, key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } });
}

function tokenOf(subject: string, scope = 'orders:write', issuer = ISSUER): Promise<string> {
  return sign(claimsOf(scope, issuer).setSubject(subject).setExpirationTime('5m'));
}

function claimsOf(scope: string, issuer = ISSUER): SignJWT {
  return new SignJWT({ scope }).setIssuer(issuer).setAudience('https://shop.example/api');
}

async function sign(claims: SignJWT): Promise<string> {
  const [signing] = keys;
  if (signing === undefined) throw new Error('no key');
  return claims.setProtectedHeader({ alg: 'ES256', kid: signing.kid }).sign(signing.key);
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const entry = { method: request.method ?? '', url: request.url ?? '', body: text === '' ? null : JSON.parse(text) };
  seen.push(entry);
  const {
    status,
    body,
    headers = {},
  } = entry.url === '/jwks' ? { status: 200, body: { keys: keys.map(({ jwk }) => jwk) } } : answer(entry);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function startGateway(url: string, circuitBreaker: boolean): Promise<FastifyInstance> {
  const to = (name: string): Downstream => new Downstream({ name, addresses: [url], timeoutMs: 1_000, circuitBreaker });
  const shop = new Shop({ catalog: to('catalog'), cart: to('cart'), orders: to('orders'), analytics: to('analytics') });
  const tokens = createTokenChecker(url, ISSUER, 0);
  const gateway = fastify();
  registerRest(gateway, shop, tokens);
  registerGraphql(gateway, shop, tokens);
  return gateway;
}

beforeEach(async () => {
  seen = [];
  keys = [];
  await addKey('first');
  answer = ({ url }) => {
    if (url.startsWith('/carts/')) return { status: 200, body: { cartId: 'c', lines: [LINE], totalCents: 7_980 } };
    if (url === '/orders') return { status: 202, body: { orderId: 'o', status: 'confirmed' } };
    return { status: 200, body: { products: [] } };
  };
  behind = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => behind.once('listening', resolve));
  behindUrl = `http://127.0.0.1:${(behind.address() as AddressInfo).port}`;
  app = await startGateway(behindUrl, false);
});

afterEach(async () => {
  await app.close();
  behind.closeAllConnections();
  behind.close();
});

const placeOrder = (headers: Record<string, string>) =>
  app.inject({ method: 'POST', url: '/api/orders', headers, payload: { cartId: 'c' } });

test('an order needs a token and an idempotency key', async () => {
  const key = { 'idempotency-key': 'key-00000001' };
  expect((await placeOrder(key)).statusCode).toBe(401);
  expect((await placeOrder({ ...key, authorization: 'Bearer forged' })).statusCode).toBe(401);
  const foreign = await tokenOf('ann', 'orders:write', 'http://elsewhere');
  expect((await placeOrder({ ...key, authorization: `Bearer ${foreign}` })).statusCode).toBe(401);
  const nobodys = await sign(claimsOf('orders:write').setExpirationTime('5m'));
  expect((await placeOrder({ ...key, authorization: `Bearer ${nobodys}` })).statusCode).toBe(401);
  const endless = await sign(claimsOf('orders:write').setSubject('ann'));
  expect((await placeOrder({ ...key, authorization: `Bearer ${endless}` })).statusCode).toBe(401);
  const unable = await tokenOf('ann', '');
  expect((await placeOrder({ ...key, authorization: `Bearer ${unable}` })).statusCode).toBe(403);
  expect((await placeOrder({ authorization: `Bearer ${await tokenOf('ann')}` })).statusCode).toBe(400);
  expect(seen.filter(({ method }) => method === 'POST')).toEqual([]);
});

test("an order takes the cart's lines and prices, for the token's customer", async () => {
  const headers = { 'idempotency-key': 'key-00000001', authorization: `Bearer ${await tokenOf('ann')}` };
  const response = await placeOrder({ ...headers, 'x-customer-id': 'ann' });
  expect(response.statusCode).toBe(202);
  expect(seen.at(-1)).toEqual({
    method: 'POST',
    url: '/orders',
    body: {
      customerId: 'ann',
      items: [{ sku: 'BOX-001', quantity: 2, priceCents: 3_990 }],
      idempotencyKey: 'key-00000001',
    },
  });
});

test('only a trusted client may act for a customer', async () => {
  const headers = { 'idempotency-key': 'key-00000001', 'x-customer-id': 'ben' };
  const own = await placeOrder({ ...headers, authorization: `Bearer ${await tokenOf('ann')}` });
  expect(own.statusCode).toBe(403);
  const trusted = await tokenOf('traffic', 'orders:write customers:any');
  expect((await placeOrder({ ...headers, authorization: `Bearer ${trusted}` })).statusCode).toBe(202);
});

test('keys are fetched once, and again when a token is signed by a new one', async () => {
  const ask = async () => {
    const headers = { authorization: `Bearer ${await tokenOf('ann')}` };
    return (await app.inject({ url: '/api/orders', headers })).statusCode;
  };
  expect([await ask(), await ask()]).toEqual([200, 200]);
  expect(seen.filter(({ url }) => url === '/jwks')).toHaveLength(1);
  await addKey('second');
  expect([await ask(), await ask()]).toEqual([200, 200]);
  expect(seen.filter(({ url }) => url === '/jwks')).toHaveLength(2);
});

test('pushes end with the token', async () => {
  const pushing = fastify();
  new Pusher(createTokenChecker(behindUrl, ISSUER, 0)).register(pushing);
  const address = await pushing.listen({ host: '127.0.0.1', port: 0 });
  const expiresAtS = Math.ceil(Date.now() / 1_000) + 1;
  const token = await sign(claimsOf('orders:write').setSubject('ann').setExpirationTime(expiresAtS));
  const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`);
  socket.on('open', () => socket.send(JSON.stringify({ token })));
  const [welcome] = await once(socket, 'message');
  expect(JSON.parse(String(welcome))).toEqual({ type: 'welcome', customerId: 'ann' });
  const [code] = await once(socket, 'close');
  expect(code).toBe(4401);
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAtS * 1_000 - 50);
  await pushing.close();
});

test("another customer's order is not shown", async () => {
  answer = () => ({ status: 200, body: { orderId: 'o', customerId: 'ben', status: 'placed' } });
  const headers = { authorization: `Bearer ${await tokenOf('ann')}` };
  expect((await app.inject({ url: '/api/orders/o', headers })).statusCode).toBe(404);
});

test('reads are tried again after a failure, what cannot be helped is passed on', async () => {
  let failures = 1;
  answer = () => (failures-- > 0 ? { status: 500, body: {} } : { status: 200, body: { products: ['box'] } });
  expect((await app.inject('/api/products')).json()).toEqual({ products: ['box'] });
  failures = Number.POSITIVE_INFINITY;
  expect((await app.inject('/api/products')).statusCode).toBe(500);
});

describe('a service behind the gateway that answers with errors', () => {
  let guarded: FastifyInstance;
  beforeEach(async () => {
    guarded = await startGateway(behindUrl, true);
  });
  afterEach(() => guarded.close());

  const requests = async (count: number, gateway: FastifyInstance) => {
    for (let sent = 0; sent < count; sent += 1) await gateway.inject('/api/products');
    return seen.length;
  };

  test('is left alone by a gateway with circuit breakers, which says when to come back', async () => {
    answer = () => ({ status: 500, body: {} });
    expect(await requests(10, guarded)).toBe(5);
    const refused = await guarded.inject('/api/products');
    expect(refused.statusCode).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.json().message).toBe('catalog does not answer: its circuit is open.');
    // Every service has a circuit of its own.
    expect((await guarded.inject('/api/analytics/minutes')).statusCode).toBe(500);
  });

  test('is asked again and again by a gateway without them', async () => {
    answer = () => ({ status: 500, body: {} });
    expect(await requests(4, app)).toBe(12);
  });

  test('is neither asked again nor held to be broken where it says that its answer is final', async () => {
    answer = () => ({ status: 503, body: { status: 'rejected' }, headers: { 'x-should-retry': 'false' } });
    expect(await requests(10, guarded)).toBe(10);
    const response = await guarded.inject('/api/products');
    expect([response.statusCode, response.headers['x-should-retry']]).toEqual([503, 'false']);
    expect(response.json()).toEqual({ status: 'rejected' });
  });
});

test('a service that is away gives 503 and its name', async () => {
  behind.closeAllConnections();
  await new Promise((resolve) => behind.close(resolve));
  const response = await app.inject('/api/cart/c');
  expect(response.statusCode).toBe(503);
  expect(response.json().message).toContain('cart does not answer');
});

describe('a GraphQL query that asks for too much', () => {
  const ask = async (query: string) => {
    const response = await app.inject({ method: 'POST', url: '/graphql', payload: { query } });
    return { status: response.statusCode, message: response.json().errors?.[0]?.message ?? response.json().message };
  };
  const orders = (aliases: number): string =>
    Array.from({ length: aliases }, (_, index) => `o${index}: orders { totalCents }`).join(' ');
  const cart = '{ cart(cartId: "c") { lines { quantity product { name } } } }';

  test.each([
    ['of one field under many names', `{ ${orders(101)} }`, 'would cost 2020'],
    [
      'of lists in lists',
      `{ a: orders { ...F } b: orders { ...F } } fragment F on Order { items { product { sku name } } }`,
      '',
    ],
    [
      'of fragments of fragments',
      `{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...C ...C } fragment C on Query { ${orders(26)} }`,
      'would cost 2080',
    ],
    ['in an inline fragment', `{ ... on Query { ${orders(101)} } }`, 'would cost 2020'],
    ['of too many words', `{ ${'cart '.repeat(1_000)} }`, 'tokens'],
  ])('%s is refused before anybody is asked', async (_what, query, message) => {
    const refused = await ask(query);
    expect(refused.status).toBe(400);
    expect(refused.message).toContain(message === '' ? 'is the most' : message);
    expect(seen).toEqual([]);
  });

  test('is not even read when it is too long', async () => {
    expect((await ask(`{ cart(cartId: "${'c'.repeat(20_000)}") { totalCents } }`)).status).toBe(413);
    expect(seen).toEqual([]);
  });

  test('is another than one that asks for enough', async () => {
    expect((await ask(`{ ${orders(100)} }`)).message).toContain('bearer token');
    const lines = { cartId: 'c', lines: [LINE], totalCents: 7_980 };
    answer = ({ url }) => ({ status: 200, body: url.startsWith('/carts/') ? lines : LINE });
    expect(await ask(cart)).toMatchObject({ status: 200, message: undefined });
    const all = '{ orders { orderId status totalCents items { sku quantity product { name } } } }';
    expect((await ask(all)).message).toContain('bearer token');
  });
});

test('GraphQL shows products to everybody and orders to their customer', async () => {
  const query = (text: string, token?: string) =>
    app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: text },
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  expect((await query('{ products { sku } cart(cartId: "c") { totalCents } }')).json().data).toEqual({
    products: [],
    cart: { totalCents: 7_980 },
  });
  const mutation = 'mutation { placeOrder(cartId: "c", idempotencyKey: "key-00000001") { status } }';
  expect((await query(mutation)).json().errors[0].message).toContain('bearer token');
  expect((await query(mutation, await tokenOf('ann'))).json().data).toEqual({ placeOrder: { status: 'confirmed' } });
});
