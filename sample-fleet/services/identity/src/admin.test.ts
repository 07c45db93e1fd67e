import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { registerAdmin } from './admin.ts';

let app: FastifyInstance;
let nowMs: number;
let rotations: number;

beforeEach(() => {
  app = fastify();
  nowMs = 1_000;
  rotations = 0;
  const rotate = async (): Promise<string> => {
    rotations += 1;
    return `key-${rotations}`;
  };
  registerAdmin(app, { rotate, clientSecret: 'a-secret', now: () => nowMs });
});
afterEach(() => app.close());

const ask = (remoteAddress: string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/admin/rotate', remoteAddress, headers });
const basic = (user: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
});

test.each(['127.0.0.1', '127.9.8.7', '::1', '::ffff:127.0.0.1'])('keys are rotated from %s', async (address) => {
  expect((await ask(address)).json()).toEqual({ kid: 'key-1' });
});

test('from elsewhere it takes the secret', async () => {
  expect((await ask('10.1.2.3')).statusCode).toBe(401);
  expect((await ask('::127.0.0.1')).statusCode).toBe(401);
  expect((await ask('10.1.2.3', basic('shop-traffic', 'wrong'))).statusCode).toBe(401);
  expect((await ask('10.1.2.3', basic('shop-app', 'a-secret'))).statusCode).toBe(401);
  expect(rotations).toBe(0);
  expect((await ask('10.1.2.3', basic('shop-traffic', 'a-secret'))).json()).toEqual({ kid: 'key-1' });
});

test('a page in a browser on this machine may not', async () => {
  expect((await ask('127.0.0.1', { origin: 'http://evil.example' })).statusCode).toBe(401);
  expect(rotations).toBe(0);
});

test('no more than one in ten seconds, whoever asks', async () => {
  await ask('127.0.0.1');
  nowMs += 2_500;
  const refused = await ask('10.1.2.3', basic('shop-traffic', 'a-secret'));
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '8']);
  expect(rotations).toBe(1);
  nowMs += 7_500;
  expect((await ask('127.0.0.1')).statusCode).toBe(200);
});
