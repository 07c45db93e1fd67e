import { expect, it } from 'vitest';
import { addressText, parseEngineAddress } from './engine-address.ts';

it.each([
  ['unix:///var/run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
  ['unix:///run/with space/d.sock', { kind: 'unix', path: '/run/with space/d.sock' }],
  ['npipe:////./pipe/docker_engine', { kind: 'npipe', path: '//./pipe/docker_engine' }],
  ['tcp://10.0.0.5:2376', { kind: 'tcp', host: '10.0.0.5', port: 2376, secure: false }],
  ['tcp://box', { kind: 'tcp', host: 'box', port: 2375, secure: false }],
  ['tcp://box:80', { kind: 'tcp', host: 'box', port: 80, secure: false }],
  ['https://box', { kind: 'tcp', host: 'box', port: 2376, secure: true }],
  ['tcp://[::1]:2375', { kind: 'tcp', host: '::1', port: 2375, secure: false }],
  ['box:2375', { kind: 'tcp', host: 'box', port: 2375, secure: false }],
  ['ssh://me@box:2222', { kind: 'ssh', host: 'box', port: 2222, user: 'me' }],
  ['ssh://box', { kind: 'ssh', host: 'box', port: null, user: null }],
])('reads %s', (text, address) => {
  expect(parseEngineAddress(text)).toEqual(address);
});

it.each(['', 'unix://', 'unix://relative.sock', 'tcp://', 'ftp://box', 'tcp://box:notaport', 'ssh://-oProxyCommand=x'])(
  'refuses %s',
  (text) => {
    expect(parseEngineAddress(text)).toBeNull();
  },
);

it.each(['unix:///var/run/docker.sock', 'tcp://[::1]:2375', 'ssh://me@box:2222', 'npipe:////./pipe/docker_engine'])(
  'writes %s as it was read',
  (text) => {
    const address = parseEngineAddress(text);
    expect(address && addressText(address)).toBe(text);
  },
);
