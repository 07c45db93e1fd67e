import { expect, it } from 'vitest';
import { baseImages } from './dockerfile.ts';

it('finds the images that a Dockerfile builds upon', () => {
  const dockerfile = [
    '# syntax=docker/dockerfile:1',
    'ARG VERSION=24',
    'ARG SUFFIX="-slim"',
    'FROM --platform=linux/amd64 node:${VERSION}-bookworm${SUFFIX} AS build',
    'ARG VERSION=99',
    'COPY --from=busybox:1 /bin/sh /sh',
    'COPY --from=0 /a /b',
    'FROM build AS test',
    'FROM scratch',
    'COPY --from=Build /a /b',
    'from debian:bookworm-slim \\',
    '  as last',
    'FROM ${BASE:-alpine:3}',
  ].join('\n');
  expect(baseImages(dockerfile, {})).toEqual([
    'node:24-bookworm-slim',
    'busybox:1',
    'debian:bookworm-slim',
    'alpine:3',
  ]);
  expect(baseImages(dockerfile, { VERSION: '20' })[0]).toBe('node:20-bookworm-slim');
});

it('finds none in what is no Dockerfile', () => {
  expect(baseImages('', {})).toEqual([]);
  expect(baseImages('hello\nworld', {})).toEqual([]);
});
