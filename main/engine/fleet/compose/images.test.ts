import { expect, test } from 'vitest';
import { knownImage } from './images.ts';

test.each([
  ['postgres', 'database'],
  ['docker.io/library/postgres:18-alpine@sha256:abc', 'database'],
  ['registry.example:5000/postgres', 'database'],
  ['postgis/postgis:17', 'database'],
  ['valkey/valkey:8', 'cache'],
  ['bitnami/redis', 'cache'],
  ['apache/kafka:4.1.0', 'broker'],
  ['rabbitmq:3-management', 'queue'],
  ['flotilla-shop/postgres-exporter', undefined],
  [null, undefined],
])('%s: %s', (image, kind) => {
  expect(knownImage(image)?.kind).toBe(kind);
});

test('knows the port of the management plugin for the tags that have it', () => {
  expect(knownImage('rabbitmq:3-management-alpine')?.also?.port).toBe(15_672);
  expect(knownImage('rabbitmq:4')).toMatchObject({ port: 5672 });
  expect(knownImage('rabbitmq:4')?.also).toBeUndefined();
  expect(knownImage('rabbitmq')?.also).toBeUndefined();
});
