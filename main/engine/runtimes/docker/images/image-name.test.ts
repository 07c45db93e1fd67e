import { expect, it } from 'vitest';
import { ServiceId } from '../../../../contract/index.ts';
import { imageOf, registryOf, withTag } from './image-name.ts';

it.each([
  ['redis', 'redis:latest'],
  ['redis:7', 'redis:7'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['localhost:5000/app:1', 'localhost:5000/app:1'],
  ['app@sha256:abc', 'app@sha256:abc'],
])('takes %s for %s', (image, meant) => {
  expect(withTag(image)).toBe(meant);
});

it.each([
  ['redis:7', 'docker.io'],
  ['apache/kafka:4.1.0', 'docker.io'],
  ['index.docker.io/library/redis', 'docker.io'],
  ['localhost/app', 'localhost'],
  ['ghcr.io/owner/app:1', 'ghcr.io'],
  ['127.0.0.1:5000/app', '127.0.0.1:5000'],
])('%s comes from %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

it('names what is built as Compose does, and as an image may be named', () => {
  const named = (id: string, project = 'shop') => imageOf({ name: project }, { id: ServiceId.parse(id), image: null });
  expect(named('web')).toBe('shop-web:latest');
  expect(named('web_app')).toBe('shop-web_app:latest');
  expect(named('Web')).toMatch(/^shop-web-[0-9a-f]{6}:latest$/);
  expect(named('Web')).not.toBe(named('wEb'));
});
