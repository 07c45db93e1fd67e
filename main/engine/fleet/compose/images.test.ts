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
