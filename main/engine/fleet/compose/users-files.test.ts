import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { RuntimeKind } from '../../../contract/index.ts';
import type { FleetModel } from '../model.ts';
import { readFleet } from './read-fleet.ts';

const folder = fileURLToPath(new URL('../../../../tests/compose-files/', import.meta.url));

const read = (name: string, runtime: RuntimeKind, profiles: string[] = []): Promise<FleetModel> =>
  readFleet(`${folder}${name}`, { environment: {}, profiles, runtime });
const ids = (fleet: FleetModel): string[] => fleet.services.map((one) => one.id);

test('a web server with its database and a job: nothing is left out on Docker', async () => {
  const fleet = await read('web-and-database', 'docker');
  expect(fleet.warnings).toEqual([]);
  expect(fleet.name).toBe('web-and-database');
  expect(fleet.services.map(({ id, kind }) => `${id} ${kind}`)).toEqual(['web service', 'migrate job', 'db database']);
  const [web, migrate, db] = fleet.services;
  expect(web).toMatchObject({
    build: { context: `${folder}web-and-database/web`, args: { GREETING: 'Come in' } },
    dependsOn: [
      { service: 'db', condition: 'service_healthy' },
      { service: 'migrate', condition: 'service_completed_successfully' },
    ],
    networks: { front: [], back: [] },
    limits: { cpus: 1, memoryBytes: 268_435_456 },
    files: [{ kind: 'secret', target: '/run/secrets/db_password', mode: null }],
  });
  expect(migrate?.files[0]).toMatchObject({
    source: { file: `${folder}web-and-database/db_password.txt` },
    mode: 0o444,
  });
  expect(migrate?.mounts[0]).toMatchObject({ kind: 'bind', readOnly: true });
  expect(db).toMatchObject({
    networks: { back: ['database'] },
    container: { shmSizeBytes: 134_217_728 },
    healthcheck: { test: { words: ['pg_isready -h 127.0.0.1 -U ${POSTGRES_USER} -d ${POSTGRES_DB}'], shell: true } },
  });
  expect(fleet.networks).toMatchObject({ front: { internal: false }, back: { internal: true } });
  expect(Object.keys(fleet.volumes)).toEqual(['data']);
});

test('a producer and workers with a queue; the reporter by its profile', async () => {
  const fleet = await read('queue-and-workers', 'docker');
  expect(fleet.warnings).toEqual([]);
  expect(ids(fleet)).toEqual(['queue', 'producer', 'worker']);
  expect(ids(await read('queue-and-workers', 'docker', ['report']))).toContain('reporter');
  expect(fleet.services[2]).toMatchObject({
    replicas: 2,
    restart: { policy: 'on-failure', maxRetries: null },
    user: 'node',
    environment: { QUEUE_URL: { value: 'redis://queue:6379' }, QUEUE_KEY: { value: 'pictures' } },
    container: { readOnly: true, init: true, capDrop: ['ALL'], ulimits: [{ name: 'nofile', soft: 1024 }] },
    mounts: [{ kind: 'bind' }, { kind: 'tmpfs', options: { sizeBytes: 16_777_216 } }],
  });
});

test('services that send OTLP on their own', async () => {
  const fleet = await read('own-telemetry', 'docker');
  expect(fleet.warnings).toEqual([]);
  expect(fleet.services[0]?.files.map((file) => file.target)).toEqual(['/shop/otlp.js', '/shop/front.js']);
  expect(fleet.services[0]?.ports[0]?.publications).toEqual([{ hostIp: '127.0.0.1', hostPorts: null }]);
});

test('keys that are not supported: which and where', async () => {
  const { warnings, services } = await read('unsupported-keys', 'docker');
  expect(services.map((one) => one.id)).toEqual(['app']);
  expect(warnings.map(({ line, column, path }) => `${line}:${column} ${path}`)).toEqual([
    '2:1 version',
    '9:5 services.app.attach',
    '10:5 services.app.cpu_count',
    '11:5 services.app.cpu_percent',
    '12:5 services.app.credential_spec',
    '15:7 services.app.deploy.endpoint_mode',
    '16:7 services.app.deploy.labels',
    '17:7 services.app.deploy.placement',
    '21:11 services.app.deploy.resources.reservations.cpus',
    '24:9 services.app.deploy.restart_policy.delay',
    '25:9 services.app.deploy.restart_policy.window',
    '26:7 services.app.deploy.update_config',
    '28:5 services.app.develop',
    '31:5 services.app.models',
    '34:9 services.app.networks.default.gw_priority',
    '35:9 services.app.networks.default.interface_name',
    '36:5 services.app.post_start',
    '38:5 services.app.pre_stop',
    '40:5 services.app.pull_refresh_after',
    '41:5 services.app.use_api_socket',
    '42:5 services.app.enviroment',
    '46:5 services.cloud.provider',
    '50:1 models',
  ]);
});

test.each(['web-and-database', 'queue-and-workers', 'own-telemetry', 'unsupported-keys'])(
  '%s can be read for processes, too',
  async (name) => expect((await read(name, 'process')).services.length).toBeGreaterThan(0),
);
