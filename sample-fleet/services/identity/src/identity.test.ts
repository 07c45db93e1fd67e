import { createHash, randomBytes } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Identity } from './identity.ts';

const ISSUER = 'http://identity';
const SECRET = 'a-secret';
const CALLBACK = 'http://127.0.0.1/callback';

let app: FastifyInstance;
let identity: Identity;
let url: string;

beforeEach(async () => {
  identity = new Identity({ issuer: ISSUER, clientSecret: SECRET, tokenTtlS: 60 });
  await identity.rotate();
  app = fastify();
  identity.registerRoutes(app);
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(() => app.close());

function requestToken(parameters: Record<string, string>, secret?: string): Promise<Response> {
  const headers: Record<string, string> =
    secret === undefined ? {} : { authorization: `Basic ${Buffer.from(`shop-traffic:${secret}`).toString('base64')}` };
  return fetch(`${url}/token`, { method: 'POST', headers, body: new URLSearchParams(parameters) });
}

async function verify(token: string): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL('/jwks', url));
  const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: 'https://shop.example/api' });
  return payload;
}

test('client credentials give a token that the published keys verify', async () => {
  const response = await requestToken(
    { grant_type: 'client_credentials', scope: 'orders:write customers:any' },
    SECRET,
  );
  const { access_token } = (await response.json()) as { access_token: string };
  expect(await verify(access_token)).toMatchObject({ sub: 'shop-traffic', scope: 'orders:write customers:any' });
});

test('a wrong secret gives no token', async () => {
  const response = await requestToken({ grant_type: 'client_credentials' }, 'wrong');
  expect(response.status).toBe(401);
});

test('a token stays valid when the key that signed it has been rotated away', async () => {
  const parameters = { grant_type: 'client_credentials', scope: 'orders:write' };
  const before = (await (await requestToken(parameters, SECRET)).json()) as { access_token: string };
  const rotated = (await (await fetch(`${url}/admin/rotate`, { method: 'POST' })).json()) as { kid: string };
  const after = (await (await requestToken(parameters, SECRET)).json()) as { access_token: string };
  expect(kidOf(after.access_token)).toBe(rotated.kid);
  expect(kidOf(before.access_token)).not.toBe(rotated.kid);
  await verify(before.access_token);
  await verify(after.access_token);
});

test('a customer logs in: authorization code with PKCE, even across a rotation', async () => {
  const verifier = randomBytes(32).toString('base64url');
  const browser = new Browser();
  const form = await browser.get(authorizationUrl(challengeOf(verifier)));
  expect(await form.text()).toContain('Log in to the shop');
  expect((await browser.post(form.url, { name: 'ann', password: 'wrong' })).status).toBe(401);
  await identity.rotate();
  const question = await browser.post(form.url, { name: 'ann', password: 'boxes' });
  expect(await question.text()).toContain('You are ann');
  await browser.post(question.url, {});
  const response = await exchange(browser.code, verifier);
  const { access_token } = (await response.json()) as { access_token: string };
  expect(await verify(access_token)).toMatchObject({ sub: 'ann', scope: 'orders:write' });
});

test('a stolen code is worth nothing without its verifier', async () => {
  const browser = new Browser();
  const form = await browser.get(authorizationUrl(challengeOf('a'.repeat(43))));
  const question = await browser.post(form.url, { name: 'ann', password: 'boxes' });
  await browser.post(question.url, {});
  expect(browser.code).not.toBe('');
  const response = await exchange(browser.code, 'b'.repeat(43));
  expect(await response.json()).toMatchObject({ error: 'invalid_grant' });
});

test('without PKCE there is no code', async () => {
  const browser = new Browser();
  const address = new URL(authorizationUrl('x'));
  address.searchParams.delete('code_challenge');
  address.searchParams.delete('code_challenge_method');
  await browser.get(address.href);
  expect(browser.code).toBe('');
  expect(browser.error).toBe('invalid_request');
});

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function exchange(code: string, verifier: string): Promise<Response> {
  return requestToken({
    grant_type: 'authorization_code',
    client_id: 'shop-app',
    redirect_uri: CALLBACK,
    code,
    code_verifier: verifier,
  });
}

function authorizationUrl(challenge: string): string {
  const query = new URLSearchParams({
    client_id: 'shop-app',
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid orders:write',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  return `${url}/auth?${query}`;
}

function kidOf(token: string): string {
  const [header = ''] = token.split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
}

/** Keeps cookies and follows redirects until one leads to the app. */
class Browser {
  code = '';
  error = '';
  readonly #cookies = new Map<string, string>();

  get(address: string): Promise<Response> {
    return this.#send(address, {});
  }

  post(address: string, fields: Record<string, string>): Promise<Response> {
    return this.#send(address, { method: 'POST', body: new URLSearchParams(fields) });
  }

  async #send(address: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, { ...init, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) return response;
    const next = new URL(location, url);
    if (!next.href.startsWith(CALLBACK)) return this.#send(next.href, {});
    this.code = next.searchParams.get('code') ?? '';
    this.error = next.searchParams.get('error') ?? '';
    return response;
  }
}
