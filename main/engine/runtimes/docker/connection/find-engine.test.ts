import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { release, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findDockerEngine } from './find-engine.ts';
import type { Machine } from './machine.ts';

let home = '';
const servers: { server: Server; sockets: Set<Socket> }[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'flotilla-home-'));
});
afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  }
  rmSync(home, { recursive: true });
});

const machine = (environment: Machine['environment'] = {}): Machine => ({
  platform: 'linux',
  home,
  environment,
  sockets: { docker: join(home, 'docker.sock'), podman: join(home, 'podman.sock') },
});

async function listen(server: Server, at: string | number): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((done) => {
    if (typeof at === 'string') server.listen(at, done);
    else server.listen(at, '127.0.0.1', done);
  });
  servers.push({ server, sockets });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** As much of an engine as the search asks for. */
const answers: Readonly<Record<string, unknown>> = {
  '/version': { Version: '5.2.1', ApiVersion: '1.41', Os: 'linux', Components: [{ Name: 'Podman Engine' }] },
  '/info': { OperatingSystem: 'fedora', KernelVersion: '6.1', SecurityOptions: ['name=rootless'] },
};
const engine = (changed: Readonly<Record<string, unknown>> = {}) =>
  createHttpServer((request, response) => {
    response
      .setHeader('Content-Type', 'application/json')
      .end(JSON.stringify({ ...answers, ...changed }[request.url ?? '']));
  });

const search = (given: Machine, timeoutMs = 2000) => findDockerEngine({}, { machine: given, timeoutMs });
const find = async (given: Machine, timeoutMs?: number) => {
  const found = await search(given, timeoutMs);
  if (!found.found) throw new Error(found.reason);
  return found.engine;
};
const fail = async (given: Machine, timeoutMs?: number) => {
  const found = await search(given, timeoutMs);
  if (found.found) throw new Error(`found ${found.engine.address}`);
  return found;
};

it('finds the engine that answers, and says what it is', async () => {
  await listen(engine(), join(home, 'docker.sock'));
  expect(await find(machine())).toMatchObject({
    source: 'the default socket',
    address: `unix://${home}/docker.sock`,
    name: 'Podman',
    version: '5.2.1',
    apiVersion: '1.41',
    operatingSystem: 'fedora',
    local: false,
    remote: false,
  });
});

it.each([
  ['an address of this machine', { Subnet: '127.0.0.0/8', Gateway: '127.0.0.1' }, true],
  ['no address, but the first of its subnet is of this machine', { Subnet: '127.0.0.0/8' }, true],
  ['an address of another machine', { Subnet: '203.0.113.0/24', Gateway: '203.0.113.1' }, false],
])('tells by its bridge whether an engine shares the network: it has %s', async (_what, pool, local) => {
  const answers = {
    '/info': { OperatingSystem: 'Debian', KernelVersion: release(), SecurityOptions: [] },
    '/networks/bridge': { IPAM: { Config: [pool] } },
  };
  await listen(engine(answers), join(home, 'docker.sock'));
  expect((await find({ ...machine(), platform: 'linux' })).local).toBe(local);
});

it('goes on where a socket does not answer, in bounded time', async () => {
  await listen(createServer(), join(home, 'docker.sock'));
  await listen(engine(), join(home, 'podman.sock'));
  const began = performance.now();
  expect((await find(machine(), 200)).source).toBe("Podman's socket");
  expect(performance.now() - began).toBeLessThan(1500);
});

it('says that a socket does not answer', async () => {
  await listen(createServer(), join(home, 'docker.sock'));
  const { reason, remedy } = await fail(machine(), 150);
  expect(reason).toBe('no Docker engine answers (the default socket: it does not answer within 0.15 s)');
  expect(remedy).toContain('systemctl restart docker');
});

it('says that there is none, and how to come by one', async () => {
  const { reason, remedy } = await fail(machine());
  expect(reason).toMatch(/^no Docker engine was found: there is no socket .*docker\.sock, nor where Docker Desktop/);
  expect(remedy).toContain('systemctl start docker');
});

it('says that nothing listens at a socket that was left behind', async () => {
  // A server that is killed leaves its socket's file.
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', script, join(home, 'docker.sock')]);
  await new Promise((done) => child.on('exit', done));
  expect((await fail(machine())).reason).toContain(`nothing listens at ${home}/docker.sock`);
});

it('says of what answers otherwise that it is no engine', async () => {
  await listen(engine({ '/version': { hello: 'world' } }), join(home, 'docker.sock'));
  expect((await fail(machine())).reason).toContain('what answers there is not a Docker engine');
});

it('refuses an engine of Windows containers', async () => {
  await listen(engine({ '/version': { Version: '28', ApiVersion: '1.50', Os: 'windows' } }), join(home, 'docker.sock'));
  const { reason, remedy } = await fail(machine());
  expect(reason).toContain('Windows containers');
  expect(remedy).toContain('Switch to Linux containers');
});

it.runIf(process.platform === 'linux')('says how to come by the right to a socket', async () => {
  await listen(engine(), join(home, 'docker.sock'));
  chmodSync(join(home, 'docker.sock'), 0o600);
  chmodSync(home, 0o755);
  const bundle = join(home, 'search.mjs');
  const { build } = await import('vite');
  await build({
    logLevel: 'silent',
    configFile: false,
    build: {
      ssr: join(import.meta.dirname, 'find-engine.ts'),
      outDir: home,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: 'search.mjs' } },
    },
    ssr: { external: ['dockerode'], noExternal: ['zod'] },
  });
  // The superuser may use any socket: another user asks.
  const script = `
    import { findDockerEngine } from ${JSON.stringify(bundle)};
    const machine = JSON.parse(process.argv[1]);
    console.log(JSON.stringify(await findDockerEngine({}, { machine })));`;
  writeFileSync(join(home, 'package.json'), '{}');
  const nodeModules = join(import.meta.dirname, '../../../../../node_modules');
  mkdirSync(join(home, 'node_modules'));
  execFileSync('ln', ['-s', join(nodeModules, 'dockerode'), join(home, 'node_modules/dockerode')]);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) chmodSync(join(home, 'docker.sock'), 0);
  const text = execFileSync(
    process.execPath,
    ['--input-type=module', '-e', script, JSON.stringify(machine({ USER: 'mia' }))],
    { encoding: 'utf8', ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}) },
  );
  expect(JSON.parse(text)).toMatchObject({
    found: false,
    reason: expect.stringContaining('you have no right to use'),
    remedy: expect.stringContaining('sudo usermod -aG docker mia'),
  });
});

it('asks by TCP, and says what to do about what wants TLS', async () => {
  const port = await listen(engine(), 0);
  expect(await find(machine({ DOCKER_HOST: `tcp://127.0.0.1:${port}` }))).toMatchObject({
    version: '5.2.1',
    remote: false,
  });
  const secure = await listen(secured(), 0);
  const { reason, remedy } = await fail(machine({ DOCKER_HOST: `tcp://127.0.0.1:${secure}` }));
  expect(reason).toContain('wants TLS');
  expect(remedy).toContain('DOCKER_TLS_VERIFY=1');
});

it('verifies a server by DOCKER_CERT_PATH, and says when it cannot', async () => {
  const port = await listen(secured(), 0);
  const environment = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: '1' };
  expect(await find(machine({ ...environment, DOCKER_CERT_PATH: home }))).toMatchObject({ version: '5.2.1' });
  const { reason, remedy } = await fail(machine({ ...environment, DOCKER_CERT_PATH: '/nowhere' }));
  expect(reason).toContain('TLS failed');
  expect(remedy).toContain('/nowhere');
});

function secured(): Server {
  const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: home });
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  run(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'key.pem',
    '-out',
    'cert.pem',
    '-days',
    '2',
    ...subject,
  );
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => execFileSync('cat', [join(home, name)]));
  writeFileSync(join(home, 'ca.pem'), cert ?? '');
  return createHttpsServer({ key, cert }, (request, response) => {
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answers[request.url ?? '']));
  });
}

/** A command `ssh` that does on this machine what it is asked to do on another. */
function fakeSsh(script: string): Machine['environment'] {
  writeFileSync(join(home, 'ssh'), `#!/bin/sh\necho "$@" >> ${home}/asked\n${script}\n`, { mode: 0o755 });
  return { PATH: `${home}${delimiter}${process.env.PATH}` };
}

it('asks by ssh as Docker does, with the answer of its engine', async () => {
  await listen(engine(), join(home, 'far.sock'));
  const bridge = `require("net").connect("${home}/far.sock",function(){process.stdin.pipe(this);this.pipe(process.stdout)})`;
  const environment = fakeSsh(`exec ${process.execPath} -e '${bridge}'`);
  const found = await find(machine({ ...environment, DOCKER_HOST: 'ssh://me@box:2222' }));
  expect(found).toMatchObject({ address: 'ssh://me@box:2222', version: '5.2.1', local: false, remote: true });
  const asked = execFileSync('cat', [join(home, 'asked')], { encoding: 'utf8' });
  expect(asked.split('\n')[0]).toBe(
    '-o BatchMode=yes -o ConnectTimeout=8 -l me -p 2222 -- box docker system dial-stdio',
  );
});

it('gives the words of an ssh that fails', async () => {
  const environment = fakeSsh('echo "me@box: Permission denied (publickey)." >&2; exit 255');
  const { reason, remedy } = await fail(machine({ ...environment, DOCKER_HOST: 'ssh://me@box' }));
  expect(reason).toContain('ssh says: me@box: Permission denied (publickey).');
  expect(remedy).toContain('ssh box docker version');
});
