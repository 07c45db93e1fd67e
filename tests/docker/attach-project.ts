import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Dockerode from 'dockerode';

const execute = promisify(execFile);
const docker = new Dockerode();

/** Says something every 200 ms, and sends one span to the address that it is asked with. */
const WEB = `
const { createServer } = require('node:http');
console.log('web is up');
setInterval(() => console.log('tick'), 200);
process.on('SIGTERM', () => process.exit(0));
createServer(async (request, response) => {
  const to = new URL(request.url, 'http://web').searchParams.get('to');
  const now = BigInt(Date.now()) * 1000000n;
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'GET /', kind: 2,
    startTimeUnixNano: String(now - 1000000n), endTimeUnixNano: String(now) };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  const headers = { 'content-type': 'application/json' };
  const sent = await fetch(to + '/v1/traces', { method: 'POST', headers, body }).then((one) => one.status, String);
  response.end(String(sent));
}).listen(8080);
`;
const STORE = `
process.on('SIGTERM', () => process.exit(0));
require('node:http').createServer((request, response) => response.end('ok')).listen(9000);
`;

const service = (script: string, more: object): object => ({
  image: 'node:24-bookworm-slim',
  command: ['node', '-e', script.replaceAll('$', '$$$$')],
  ...more,
});

/** A project that docker-compose runs, and that knows nothing of Flotilla. */
export interface ForeignProject {
  readonly name: string;
  compose(...args: string[]): Promise<void>;
  /** Names and states of its containers, as `docker ps` has them. */
  containers(): Promise<string[]>;
  container(service: string, number?: number): Promise<Dockerode.Container>;
  close(): Promise<void>;
}

export async function foreignProject(): Promise<ForeignProject> {
  const name = `attach-test-${process.pid}`;
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-attach-'));
  const file = join(folder, 'compose.json');
  const services = {
    web: service(WEB, {
      environment: { STORE_URL: 'http://store:9000/' },
      ports: ['127.0.0.1::8080'],
      stop_grace_period: '5s',
    }),
    store: service(STORE, {}),
    once: service(`console.log('done for good')`, {}),
  };
  await writeFile(file, JSON.stringify({ version: '3.8', services }));
  const filters = { label: [`com.docker.compose.project=${name}`] };
  const compose = async (...args: string[]): Promise<void> => {
    await execute('docker-compose', ['-p', name, '-f', file, ...args], { cwd: folder });
  };
  return {
    name,
    compose,
    async containers() {
      const found = await docker.listContainers({ all: true, filters });
      return found.map((one) => `${one.Names[0]} ${one.Id.slice(0, 12)} ${one.State}`).sort();
    },
    async container(id, number = 1) {
      const found = await docker.listContainers({ all: true, filters });
      const { Id = '' } =
        found.find(
          ({ Labels }) =>
            Labels['com.docker.compose.service'] === id &&
            Labels['com.docker.compose.container-number'] === String(number),
        ) ?? {};
      return docker.getContainer(Id);
    },
    async close() {
      for (const { Id } of await docker.listContainers({ all: true, filters })) {
        await docker.getContainer(Id).remove({ force: true, v: true });
      }
      for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Two containers that are of no project: one that ends again and again, and one that is removed once it ends. */
export async function foreignContainers(): Promise<{
  readonly looping: string;
  readonly brief: string;
  isRunning(name: string): Promise<boolean>;
  close(): Promise<void>;
}> {
  const image = 'node:24-bookworm-slim';
  const looping = `attach-looping-${process.pid}`;
  const brief = `attach-brief-${process.pid}`;
  const close = async (): Promise<void> => {
    for (const name of [looping, brief]) {
      await docker
        .getContainer(name)
        .remove({ force: true })
        .catch(() => undefined);
    }
  };
  const start = async (name: string, script: string, HostConfig: Dockerode.HostConfig): Promise<void> => {
    const container = await docker.createContainer({ name, Image: image, Cmd: ['node', '-e', script], HostConfig });
    await container.start();
  };
  try {
    await start(looping, 'setTimeout(() => process.exit(3), 200)', { RestartPolicy: { Name: 'always' } });
    await start(brief, STORE, { AutoRemove: true });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    looping,
    brief,
    close,
    async isRunning(name) {
      const found = await docker
        .getContainer(name)
        .inspect()
        .catch(() => null);
      return found?.State.Running ?? false;
    },
  };
}
