import { expect, test } from 'vitest';
import { embeddedProgram, knownImage } from './images.ts';

test.each([
  ['postgres', 'postgres', 'database'],
  ['docker.io/library/postgres:18-alpine@sha256:abc', 'postgres', 'database'],
  ['registry.example:5000/postgres', 'postgres', 'database'],
  ['postgis/postgis:17', null, 'database'],
  ['valkey/valkey:8', 'redis', 'cache'],
  ['bitnami/redis', null, 'cache'],
  ['apache/kafka:4.1.0', 'kafka', 'broker'],
  ['rabbitmq:3-management', null, 'queue'],
  ['flotilla-shop/postgres-exporter', null, undefined],
  [null, null, undefined],
])('%s: embedded %s, kind %s', (image, embedded, kind) => {
  expect(embeddedProgram(image)).toBe(embedded);
  expect(knownImage(image)?.kind).toBe(kind);
});
