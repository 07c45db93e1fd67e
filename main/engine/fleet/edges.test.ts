import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findAddresses } from './addresses.ts';
import { readFleet } from './compose/index.ts';
import { declaredEdges, linkEdges, rewriteAddresses, rewriteEnvironment } from './edges.ts';
import { dependency, fleetModel, port, serviceSpec } from './model.fixture.ts';
import type { ServiceSpec } from './model.ts';

const fleet: Readonly<Record<string, number>> = {
  'kafka:9092': 1,
  'kafka2:9092': 2,
  'postgres:5432': 3,
  'web:80': 4,
  'redis:6379': 5,
};
const resolve = (service: string, port: number) => {
  const known = fleet[`${service}:${port}`];
  return known === undefined ? null : `127.0.0.1:2000${known}`;
};

test.each([
  ['http://web:80/path?to=kafka:9092', 'http://127.0.0.1:20004/path?to=127.0.0.1:20001'],
  ['http://web/path', 'http://127.0.0.1:20004/path'],
  ['http://web', 'http://127.0.0.1:20004'],
  ['https://web/', 'https://web/'],
  ['kafka:9092,kafka2:9092', '127.0.0.1:20001,127.0.0.1:20002'],
  ['PLAINTEXT://kafka:9092', 'PLAINTEXT://127.0.0.1:20001'],
  ['postgres://postgres:5432@postgres:5432/postgres', 'postgres://postgres:5432@127.0.0.1:20003/postgres'],
  ['postgres://u:p@postgres/db', 'postgres://u:p@127.0.0.1:20003/db'],
  ['jdbc:postgresql://postgres:5432/db', 'jdbc:postgresql://127.0.0.1:20003/db'],
  ['redis://redis', 'redis://127.0.0.1:20005'],
  ['redis://:secret@redis:6379/0', 'redis://:secret@127.0.0.1:20005/0'],
  ['my-kafka:9092 kafka.local:9092 kafka:90921 kafka:9092x', 'my-kafka:9092 kafka.local:9092 kafka:90921 kafka:9092x'],
  ['redis:7', 'redis:7'],
  ['kafka:9093', 'kafka:9093'],
  ['web', 'web'],
  ['', ''],
])('%j becomes %j', (value, result) => expect(rewriteAddresses(value, resolve)).toBe(result));

test('an address knows its scheme, also in a list', () => {
  const addresses = findAddresses('mongodb://u:p@a:1,b:2/db c:3');
  expect(addresses.map(({ host, port, scheme }) => `${scheme} ${host} ${port}`)).toEqual([
    'mongodb a 1',
    'mongodb b 2',
    'null c 3',
  ]);
});

test('hosts and ports that stand in two variables are rewritten together', () => {
  const environment = {
    DB_HOST: 'postgres',
    DB_PORT: '5432',
    PGHOST: 'postgres',
    OTHER_HOST: 'elsewhere',
    OTHER_PORT: '1',
  };
  expect(rewriteEnvironment(environment, resolve)).toEqual({ ...environment, DB_HOST: '127.0.0.1', DB_PORT: '20003' });
});

test('a value is left as it was when nothing resolves, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(rewriteAddresses(value, () => null)).toBe(value);
    }),
  );
});

test('an address is rewritten wherever it stands between other text', () => {
  const separator = fc.constantFrom(' ', ',', ';', '/', '"', "'", '\n', '=', '|');
  fc.assert(
    fc.property(separator, separator, fc.integer({ min: 0, max: 4 }), (before, after, repeats) => {
      const value = `${before}kafka:9092${after}`.repeat(repeats);
      const result = `${before}127.0.0.1:20001${after}`.repeat(repeats);
      expect(rewriteAddresses(value, resolve)).toBe(result);
    }),
  );
});

test('the edges of the sample fleet', async () => {
  const file = path.resolve(import.meta.dirname, '../../../sample-fleet/compose.yaml');
  const model = await readFleet(file, { environment: {}, profiles: [] });
  expect(model.warnings).toEqual([]);
  const edges = declaredEdges(model).map((edge) => `${edge.from} ${edge.to} ${edge.protocol}`);
  expect([...new Set(edges)].toSorted()).toEqual([
    'analytics kafka kafka',
    'analytics postgres postgres',
    'cart catalog grpc',
    'cart redis redis',
    'catalog postgres postgres',
    'catalog redis redis',
    'gateway analytics http',
    'gateway cart http',
    'gateway catalog http',
    'gateway identity http',
    'gateway kafka kafka',
    'gateway orders http',
    'inventory postgres postgres',
    'notifications kafka kafka',
    'orders inventory grpc',
    'orders kafka kafka',
    'orders payments grpc',
    'orders postgres postgres',
    'payments postgres postgres',
    'shipping kafka kafka',
    'shipping postgres postgres',
    'traffic gateway http',
    'traffic identity http',
  ]);
});

test('of a service that we know by its container alone, what it depends on is an edge, too', () => {
  const attached = { copies: [1] };
  const db = serviceSpec('db', { attached, ports: [port('postgres', 5432, { protocol: 'postgres' })] });
  const cache = serviceSpec('cache', { attached, ports: [port('redis', 6379, { protocol: 'redis' })] });
  const job = serviceSpec('job', { attached, ports: [port('80', 80)] });
  const silent = serviceSpec('silent', { attached });
  const web = serviceSpec('web', {
    attached,
    environment: { CACHE: { value: 'redis://cache', source: 'compose' } },
    dependsOn: [
      dependency('db'),
      dependency('cache'),
      dependency('job', 'service_completed_successfully'),
      dependency('silent'),
    ],
  });
  const edges = (from: typeof web) =>
    declaredEdges({ services: [from, db, cache, job, silent] }).map(({ to, variable, protocol }) => [
      to,
      variable,
      protocol,
    ]);
  expect(edges(web)).toEqual([
    ['cache', 'CACHE', 'redis'],
    ['db', 'depends_on', 'postgres'],
  ]);
  expect(edges({ ...web, attached: undefined })).toEqual([['cache', 'CACHE', 'redis']]);
});

describe('a link', () => {
  const environment = (variables: Record<string, string>) =>
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { value, source: 'compose' as const }]));
  const callee = serviceSpec('b', {
    ports: [port('http', 80, { protocol: 'http' }), port('dns', 53, { protocol: 'udp' }), port('tls', 443)],
  });
  const edgesOf = (variables: Record<string, string>, given: Partial<ServiceSpec> = {}) =>
    linkEdges(fleetModel([serviceSpec('a', { environment: environment(variables), ...given }), callee])).map(
      ({ from, to, containerPort, protocol }) => `${from} ${to}:${containerPort} ${protocol}`,
    );

  test('stands once between a caller and a port, however many variables name it', () => {
    expect(edgesOf({ ONE: 'http://b:80', OTHER: 'http://b/path' })).toEqual(['a b:80 http']);
  });

  test('is not in the way of what is encrypted, of UDP, or of a caller that wants none', () => {
    expect(edgesOf({ URL: 'https://b', DNS: 'b:53' })).toEqual([]);
    expect(edgesOf({ PLAIN: 'b:443', URL: 'wss://b:443/feed' })).toEqual([]);
    expect(edgesOf({ URL: 'postgres://u:p@b:80/x?sslmode=verify-full' })).toEqual([]);
    expect(edgesOf({ URL: 'http://b' }, { links: false })).toEqual([]);
    expect(
      linkEdges({
        ...fleetModel([serviceSpec('a', { environment: environment({ URL: 'http://b' }) }), callee]),
        links: false,
      }),
    ).toEqual([]);
  });

  test('is not between copies of one service', () => {
    expect(linkEdges(fleetModel([{ ...callee, environment: environment({ PEERS: 'b:80' }) }]))).toEqual([]);
  });
});
