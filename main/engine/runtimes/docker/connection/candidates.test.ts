import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { enginePlaces } from './candidates.ts';
import { addressText } from './engine-address.ts';
import type { Machine } from './machine.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'flotilla-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const machine = (environment: Machine['environment'] = {}, platform: NodeJS.Platform = 'linux'): Machine => ({
  platform,
  home,
  environment,
  sockets: { docker: join(home, 'run/docker.sock'), podman: join(home, 'run/podman.sock') },
});

function put(path: string, text = ''): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function putContext(name: string, docker: Record<string, unknown>, tls = false): string {
  const id = createHash('sha256').update(name).digest('hex');
  put(`.docker/contexts/meta/${id}/meta.json`, JSON.stringify({ Name: name, Endpoints: { docker } }));
  if (tls) put(`.docker/contexts/tls/${id}/docker/ca.pem`);
  return join(home, '.docker/contexts/tls', id, 'docker');
}

const told = (given: Machine) =>
  enginePlaces(given).candidates.map(({ source, address }) =>
    `${source} ${addressText(address)}`.replaceAll(home, '~'),
  );

it('asks the default socket where nothing else is named or there', () => {
  expect(told(machine())).toEqual(['the default socket unix://~/run/docker.sock']);
});

it('asks DOCKER_HOST alone where it is set, whatever else there is', () => {
  put('.colima/default/docker.sock');
  const places = enginePlaces(machine({ DOCKER_HOST: 'tcp://box:2375', DOCKER_CONTEXT: 'x' }));
  expect(places).toEqual({
    candidates: [
      {
        source: 'DOCKER_HOST=tcp://box:2375',
        address: { kind: 'tcp', host: 'box', port: 2375, secure: false },
        tls: null,
      },
    ],
    broken: [],
    named: true,
  });
});

it('speaks TLS where DOCKER_TLS_VERIFY or DOCKER_TLS asks for it, with the material of DOCKER_CERT_PATH', () => {
  const tls = (environment: Machine['environment']) =>
    enginePlaces(machine({ DOCKER_HOST: 'tcp://box:2376', ...environment })).candidates[0]?.tls;
  expect(tls({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' })).toEqual({ folder: '/certs', verify: true });
  expect(tls({ DOCKER_TLS_VERIFY: '1' })).toEqual({ folder: join(home, '.docker'), verify: true });
  expect(tls({ DOCKER_TLS: '1', DOCKER_CERT_PATH: '/certs' })).toEqual({ folder: '/certs', verify: false });
  expect(tls({ DOCKER_TLS_VERIFY: '' })).toBeNull();
});

it('says of a DOCKER_HOST that is no address what one looks like', () => {
  const { candidates, broken } = enginePlaces(machine({ DOCKER_HOST: 'unix://here' }));
  expect(candidates).toEqual([]);
  expect(broken).toEqual([
    {
      source: 'DOCKER_HOST=unix://here',
      problem: 'it is not an address of a Docker engine',
      remedy: expect.stringContaining('unix:///path'),
    },
  ]);
});

it('asks the current context first, then the default socket and others', () => {
  put('.docker/config.json', JSON.stringify({ currentContext: 'colima', auths: {} }));
  putContext('colima', { Host: `unix://${put('.colima/default/docker.sock')}` });
  put('.rd/docker.sock');
  expect(told(machine())).toEqual([
    'the Docker context colima unix://~/.colima/default/docker.sock',
    'the default socket unix://~/run/docker.sock',
    "Rancher Desktop's socket unix://~/.rd/docker.sock",
  ]);
});

it("takes a context's TLS material, and DOCKER_CONTEXT instead of the current one", () => {
  put('.docker/config.json', JSON.stringify({ currentContext: 'other' }));
  const folder = putContext('lab', { Host: 'tcp://lab:2376', SkipTLSVerify: true }, true);
  const places = enginePlaces(machine({ DOCKER_CONTEXT: 'lab' }));
  expect(places.named).toBe(true);
  expect(places.candidates).toEqual([
    {
      source: 'DOCKER_CONTEXT=lab',
      address: { kind: 'tcp', host: 'lab', port: 2376, secure: false },
      tls: { folder, verify: false },
    },
  ]);
});

it('reads the folder that DOCKER_CONFIG names', () => {
  put('elsewhere/config.json', JSON.stringify({ currentContext: 'gone' }));
  expect(enginePlaces(machine({ DOCKER_CONFIG: join(home, 'elsewhere') })).broken[0]?.problem).toBe(
    'there is no Docker context called gone',
  );
});

it.each([
  ['missing', null, 'there is no Docker context called lab'],
  ['no JSON', '{', 'the Docker context lab is not understood'],
  ['without a host', '{"Name":"lab","Endpoints":{"docker":{}}}', 'Endpoints.docker.Host'],
  ['with a host that is none', '{"Name":"lab","Endpoints":{"docker":{"Host":"kube"}}}', null],
])('says what is wrong with a context that is %s, and still looks elsewhere', (_what, text, problem) => {
  put('.docker/config.json', JSON.stringify({ currentContext: 'lab' }));
  const id = createHash('sha256').update('lab').digest('hex');
  if (text !== null) put(`.docker/contexts/meta/${id}/meta.json`, text);
  const { candidates, broken } = enginePlaces(machine());
  if (problem === null) expect(candidates[0]?.address).toMatchObject({ kind: 'tcp', host: 'kube' });
  else expect(broken[0]?.problem).toContain(problem);
  expect(candidates.at(-1)?.source).toBe('the default socket');
});

it('says what is wrong with a config.json that is not understood', () => {
  put('.docker/config.json', '{"currentContext": 7}');
  expect(enginePlaces(machine()).broken[0]?.problem).toMatch(/config\.json is not understood \(currentContext: /);
});

it('finds the sockets of other engines where they are, the same one once', () => {
  const runtime = join(home, 'user');
  put('.docker/run/docker.sock');
  put('.orbstack/run/docker.sock');
  put('.colima/default/docker.sock');
  put('.colima/work/docker.sock');
  put('.colima/_lima/docker.sock');
  put('user/podman/podman.sock');
  put('run/podman.sock');
  symlinkSync(join(home, '.docker/run/docker.sock'), join(home, 'run/docker.sock'));
  expect(told(machine({ XDG_RUNTIME_DIR: runtime }))).toEqual([
    'the default socket unix://~/run/docker.sock',
    "OrbStack's socket unix://~/.orbstack/run/docker.sock",
    "Colima's socket unix://~/.colima/default/docker.sock",
    "the socket of Colima's profile work unix://~/.colima/work/docker.sock",
    "rootless Podman's socket unix://~/user/podman/podman.sock",
    "Podman's socket unix://~/run/podman.sock",
  ]);
});

it('asks the pipes of Windows', () => {
  expect(told(machine({}, 'win32'))).toEqual([
    'the default pipe npipe:////./pipe/docker_engine',
    "Docker Desktop's pipe npipe:////./pipe/dockerDesktopLinuxEngine",
    "Podman's pipe npipe:////./pipe/podman-machine-default",
  ]);
});
