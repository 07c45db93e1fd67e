import { expect, test } from 'vitest';
import { fleetModel as fleet, port, serviceSpec as service } from '../fleet/model.fixture.ts';
import type { ServiceSpec } from '../fleet/model.ts';
import { openTarget, peekTargets } from './target.ts';

const value = (text: string) => ({ value: text, source: 'compose' as const });
const at = (_service: string, asked: string | number) => ({ host: '127.0.0.1', port: Number(asked) + 10_000 });
const open = (spec: ServiceSpec) => openTarget({ model: () => fleet([spec]), reach: at }, spec.id);

test('finds what can be looked into by the protocol of its port', () => {
  const model = fleet([
    service('web', { ports: [port('http', 80, { protocol: 'http' })] }),
    service('db', { ports: [port('postgres', 5432, { protocol: 'postgres' })] }),
    service('cache', { ports: [port('redis', 6379, { protocol: 'redis' })] }),
    service('plain-queue', { ports: [port('amqp', 5672, { protocol: 'amqp' })] }),
    service('queue', { ports: [port('amqp', 5672, { protocol: 'amqp' }), port('management', 15_672)] }),
  ]);
  expect(peekTargets(model)).toEqual([
    { service: 'db', kind: 'postgres' },
    { service: 'cache', kind: 'redis' },
    { service: 'queue', kind: 'rabbitmq' },
  ]);
  expect(peekTargets(null)).toEqual([]);
});

test('logs in as the image takes user and password from its environment', () => {
  const postgres = [port('postgres', 5432, { protocol: 'postgres' })];
  expect(open(service('db', { ports: postgres }))).toMatchObject({
    user: 'postgres',
    password: '',
    database: 'postgres',
  });
  const environment = { POSTGRES_USER: value('shop'), POSTGRES_PASSWORD: value('secret') };
  expect(open(service('db', { ports: postgres, environment }))).toEqual({
    service: 'db',
    kind: 'postgres',
    host: '127.0.0.1',
    port: 15_432,
    user: 'shop',
    password: 'secret',
    database: 'shop',
  });
  const redis = [port('redis', 6379, { protocol: 'redis' })];
  const command = ['redis-server', '--requirepass', 'secret'];
  expect(open(service('cache', { ports: redis, command }))).toMatchObject({ password: 'secret' });
  expect(open(service('cache', { ports: redis, environment: { REDIS_PASSWORD: value('other') } }))).toMatchObject({
    password: 'other',
  });
  const rabbit = [port('amqp', 5672, { protocol: 'amqp' }), port('management', 15_672)];
  expect(open(service('queue', { ports: rabbit }))).toMatchObject({ port: 25_672, user: 'guest', password: 'guest' });
});

test('has no address for what is not there, is of no known kind or does not run', () => {
  const spec = service('db', { ports: [port('postgres', 5432, { protocol: 'postgres' })] });
  expect(openTarget({ model: () => null, reach: at }, 'db')).toBeNull();
  expect(openTarget({ model: () => fleet([spec]), reach: at }, 'other')).toBeNull();
  expect(openTarget({ model: () => fleet([spec]), reach: () => null }, 'db')).toBeNull();
});
