import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Receivers, startReceivers } from './index.ts';

const sink = async () => ({ status: 'stored', accepted: 0, rejected: 0, reason: '' }) as const;
const open: (Receivers | Server)[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const portOf = (url: string): number => Number(new URL(url).port);

test('ports that another holds are passed over, wished ones and the standard ones', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  open.push(holder);
  const { port } = holder.address() as { port: number };
  const first = await startReceivers({ http: port, grpc: port }, sink);
  open.push(first);
  const second = await startReceivers({}, sink);
  open.push(second);
  const ports = [first.urls.http, first.urls.grpc, second.urls.http, second.urls.grpc].map(portOf);
  expect(new Set([port, ...ports]).size).toBe(5);
  for (const { urls } of [first, second]) {
    const answer = await fetch(`${urls.http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
    });
    expect(answer.status).toBe(200);
  }
});

test('a wished port that is free is taken', async () => {
  const before = await startReceivers({ http: 0, grpc: 0 }, sink);
  const wished = { http: portOf(before.urls.http), grpc: portOf(before.urls.grpc) };
  await before.close();
  const after = await startReceivers(wished, sink);
  open.push(after);
  expect({ http: portOf(after.urls.http), grpc: portOf(after.urls.grpc) }).toEqual(wished);
});
