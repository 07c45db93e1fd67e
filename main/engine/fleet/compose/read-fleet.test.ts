import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FlotillaError, type RuntimeKind } from '../../../contract/index.ts';
import type { FleetModel, ServiceSpec } from '../model.ts';
import { readFleet } from './read-fleet.ts';

let root = '';
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'flotilla-compose-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;
interface Given {
  files?: Files;
  environment?: Record<string, string>;
  profiles?: string[];
  runtime?: RuntimeKind;
}

/** Reads a file with this text from a folder of its own. */
async function read(
  text: string,
  { files = {}, environment = {}, profiles = [], runtime }: Given = {},
): Promise<FleetModel> {
  count += 1;
  const folder = path.join(root, `case-${count}`);
  for (const [name, content] of Object.entries({ 'compose.yaml': text, ...files })) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return readFleet(folder, { environment, profiles, runtime });
}

/** The one service of a file with these lines. */
async function readOne(lines: string, given: Given = {}): Promise<ServiceSpec> {
  const { services } = await read(`services:\n  app:\n    image: app\n${lines.replace(/^/gm, '    ')}\n`, given);
  const [service] = services;
  if (!service) throw new Error('no service was read');
  return service;
}

async function failure(text: string, given: Given = {}): Promise<FlotillaError> {
  const thrown = await read(text, given).then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof FlotillaError) return thrown;
  throw thrown ?? new Error('it was read');
}

/** `code line:column detail | expected`, all that an error says but the file. */
async function complaint(text: string, given: Given = {}): Promise<string> {
  const { code, details } = await failure(text, given);
  const what = details.detail ?? details.cycle ?? `${details.variable} ${details.problem}`;
  return `${code} ${details.line}:${details.column} ${what}${details.expected ? ` | ${details.expected}` : ''}`;
}

const one = (line: string) => `services:\n  app:\n    image: app\n    ${line}\n`;

test('a folder stands for the file in it, and paths are absolute', async () => {
  const fleet = await read('name: shop\nservices: {web: {build: ./web}}');
  expect(fleet).toMatchObject({ name: 'shop', dial: null, resources: [], warnings: [] });
  expect(fleet.file).toBe(path.join(fleet.directory, 'compose.yaml'));
  expect(fleet.services[0]?.build).toMatchObject({
    context: path.join(fleet.directory, 'web'),
    dockerfile: null,
    target: null,
    args: {},
  });
});

test('without a name the fleet is called as its folder, or as the environment says', async () => {
  expect((await read('services: {web: {image: x}}')).name).toMatch(/^case-\d+$/);
  const misnamed = read('services: {web: {image: x}}', { environment: { COMPOSE_PROJECT_NAME: 'My Shop' } });
  await expect(misnamed).rejects.toMatchObject({
    code: 'FLEET_VARIABLE',
    message: expect.stringContaining('"My Shop", which cannot name a fleet'),
  });
  expect((await read('services: {web: {image: x}}', { environment: { COMPOSE_PROJECT_NAME: 'mine' } })).name).toBe(
    'mine',
  );
});

test('a plain service has the defaults of Compose', async () => {
  expect(await readOne('')).toMatchObject({
    id: 'app',
    kind: 'service',
    image: 'app',
    command: null,
    entrypoint: null,
    environment: {},
    ports: [],
    dependsOn: [],
    healthcheck: null,
    restart: { policy: 'no', maxRetries: null },
    stopSignal: 'SIGTERM',
    stopGracePeriodMs: 10_000,
    replicas: 1,
    limits: { cpus: null, memoryBytes: null },
    networks: { default: [] },
    process: null,
    position: { line: 2, column: 3 },
  });
});

test('addresses in brackets, and the words that Compose takes for true and false', async () => {
  const { extraHosts } = await readOne('extra_hosts: ["six=[::1]", "four=1.2.3.4"]');
  expect(extraHosts).toEqual(['six:::1', 'four:1.2.3.4']);
  expect((await readOne('extra_hosts: {six: "[::1]"}')).extraHosts).toEqual(['six:::1']);
  const flags = async (yes: string, no: string) => {
    const { tty, container } = await readOne(`tty: ${yes}\nprivileged: ${no}`);
    return [tty, container.privileged];
  };
  expect(await flags('yes', 'no')).toEqual([true, false]);
  expect(await flags('"ON"', 'Off')).toEqual([true, false]);
  expect(await flags('1', '"0"')).toEqual([true, false]);
});

test('every key of a service that is carried over', async () => {
  const app = await readOne(
    [
      'restart: on-failure:3',
      'stop_signal: int',
      'stop_grace_period: 1m30s',
      'scale: 3',
      'mem_limit: 512m',
      'cpus: 1.5',
      'user: "1000"',
      'working_dir: /srv',
      'tty: true',
      'labels: [team=shop, empty]',
      'extra_hosts: ["host.docker.internal:host-gateway", "a=::1"]',
      'networks: {default: {aliases: [front]}}',
      'tmpfs: /tmp:size=64m',
      'container_name: known',
    ].join('\n'),
  );
  expect(app).toMatchObject({
    restart: { policy: 'on-failure', maxRetries: 3 },
    stopSignal: 'SIGINT',
    stopGracePeriodMs: 90_000,
    replicas: 3,
    limits: { cpus: 1.5, memoryBytes: 536_870_912 },
    user: '1000',
    workingDir: '/srv',
    tty: true,
    labels: { team: 'shop', empty: '' },
    extraHosts: ['host.docker.internal:host-gateway', 'a:::1'],
    networks: { default: ['front'] },
    mounts: [{ kind: 'tmpfs', source: null, target: '/tmp', readOnly: false }],
  });
});

test('deploy says replicas, limits and the restart policy; scale and restart count more', async () => {
  const deploy =
    'deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 64M}}, restart_policy: {condition: on-failure, max_attempts: 4}}';
  expect(await readOne(deploy)).toMatchObject({
    replicas: 2,
    limits: { cpus: 0.5, memoryBytes: 67_108_864 },
    restart: { policy: 'on-failure', maxRetries: 4 },
  });
  expect(await readOne(`${deploy}\nscale: 5\nrestart: no`)).toMatchObject({
    replicas: 5,
    restart: { policy: 'no', maxRetries: null },
  });
});

describe('environment', () => {
  const values = (service: ServiceSpec) =>
    Object.fromEntries(Object.entries(service.environment).map(([name, { value }]) => [name, value]));

  test('a mapping keeps numbers as they are written, and takes valueless names from outside', async () => {
    const app = await readOne('environment: {A: 1.10, B: true, C: 0777, D: "", E: , F: }', {
      environment: { E: 'given' },
    });
    expect(values(app)).toEqual({ A: '1.10', B: 'true', C: '0777', D: '', E: 'given' });
  });

  test('a list', async () => {
    const app = await readOne('environment: [A=1, "B=x=y", C=, D]', { environment: { D: 'given' } });
    expect(values(app)).toEqual({ A: '1', B: 'x=y', C: '', D: 'given' });
  });

  test('env files in order, then environment; each value knows its source', async () => {
    const app = await readOne(
      'env_file: [a.env, {path: b.env}, {path: none.env, required: false}]\nenvironment: {C: own}',
      {
        files: { 'a.env': 'A=1\nB=1\nC=1\n', 'b.env': '# more\nexport B="2\\n${A}"\n' },
        environment: { A: 'outer' },
      },
    );
    expect(app.environment).toEqual({
      A: { value: '1', source: 'env_file' },
      B: { value: '2\nouter', source: 'env_file' },
      C: { value: 'own', source: 'compose' },
    });
  });
});

describe('variables', () => {
  test('from the environment, then .env, then the default', async () => {
    const app = await readOne('command: [$A, "${B}", "${C:-c}", "$$D"]\nscale: ${N:-2}', {
      files: { '.env': "A=file\nB='file ${A}' # why\n" },
      environment: { A: 'outer' },
    });
    expect(app.command).toEqual(['outer', 'file ${A}', 'c', '$D']);
    expect(app.replicas).toBe(2);
  });

  test('one that is missing and required is refused where it stands', async () => {
    expect(await complaint(one('environment: {A: "x ${URL:?which one}"}'))).toBe(
      'FLEET_VARIABLE 4:25 URL is not set: which one',
    );
    expect((await failure(one('command: $${A ${URL:?}'))).remedy).toContain('${URL:-value}');
  });

  test('one that is missing is empty, and warned of', async () => {
    const { warnings } = await read(one('command: ["run", "--to=$TARGET"]'));
    expect(warnings).toMatchObject([
      {
        line: 4,
        column: 28,
        path: 'services.app.command[1]',
        message: 'the variable TARGET is not set and has no default: it is empty',
      },
    ]);
  });
});

test('merge keys: what is written counts, then the first of a list; anchors under x- are no keys of the fleet', async () => {
  const fleet = await read(`
x-a: &a { restart: always, stop_signal: SIGINT }
x-b: &b { restart: unless-stopped, tty: true }
services:
  app:
    <<: [*a, *b]
    image: app
    stop_signal: SIGTERM
`);
  expect(fleet.warnings).toEqual([]);
  expect(fleet.services[0]).toMatchObject({ restart: { policy: 'always' }, stopSignal: 'SIGTERM', tty: true });
});

test('x-flotilla.runtimes: what is only on some runtimes, and what a process would be given', async () => {
  const text = `
x-flotilla:
  resources:
    - { service: queue, kind: queue, name: jobs }
    - { service: log, kind: topic, name: jobs, runtimes: [process] }
services:
  queue: { image: queue, x-flotilla: { runtimes: [docker, kubernetes] } }
  log: { image: log }
  app:
    image: app
    command: node app.js
    depends_on: [queue, log]
    x-flotilla: { process: { environment: { QUEUE: "" } } }
`;
  const summary = async (runtime: RuntimeKind) => {
    const { services, resources } = await read(text, { runtime });
    const app = services.find((service) => service.id === 'app');
    return {
      services: services.map((service) => service.id),
      dependencies: app?.dependsOn.map((dependency) => dependency.service),
      process: app?.process?.environment,
      resources: resources.map((resource) => `${resource.service}/${resource.name}`),
    };
  };
  expect(await summary('docker')).toEqual({
    services: ['queue', 'log', 'app'],
    dependencies: ['queue', 'log'],
    process: undefined,
    resources: ['queue/jobs'],
  });
  expect(await summary('process')).toEqual({
    services: ['log', 'app'],
    dependencies: ['log'],
    process: { QUEUE: '' },
    resources: ['log/jobs'],
  });
});

describe('commands', () => {
  test('words of a text and of a list, entrypoint first in the process', async () => {
    const app = await readOne(`command: serve --name "big shop"\nentrypoint: ["node", "main.js"]`);
    expect(app.command).toEqual(['serve', '--name', 'big shop']);
    expect(app.process?.command).toEqual(['node', 'main.js', 'serve', '--name', 'big shop']);
  });

  test('a process starts in the build context, else in the folder of the fleet', async () => {
    const fleet = await read(
      'services: {a: {build: ./a, command: node a.js}, b: {image: b, command: node b.js}, c: {image: c}}',
    );
    expect(fleet.services.map((service) => service.process?.cwd ?? null)).toEqual([
      path.join(fleet.directory, 'a'),
      fleet.directory,
      null,
    ]);
  });

  test('x-flotilla.process without a command changes what the container would run', async () => {
    const app = await readOne('command: node a.js\nx-flotilla: {process: {environment: {HOST: 127.0.0.1, QUEUE: ""}}}');
    expect(app.process).toMatchObject({ command: ['node', 'a.js'], environment: { HOST: '127.0.0.1', QUEUE: '' } });
  });

  test('an image that is embedded has no process of its own', async () => {
    const fleet = await read('services: {r: {image: "redis:7", command: redis-server --save ""}}');
    expect(fleet.services[0]).toMatchObject({ kind: 'cache', process: null, command: ['redis-server', '--save', ''] });
  });

  test('a shell operator is warned of', async () => {
    const { warnings } = await read(one('command: migrate && serve'));
    expect(warnings[0]?.message).toContain('&& is an ordinary word');
  });
});

describe('ports', () => {
  const ports = async (lines: string) =>
    (await readOne(lines)).ports.map(({ name, containerPort, hostPort, protocol, published }) =>
      [name, containerPort, hostPort, protocol, published].join(' '),
    );

  test('short forms', async () => {
    expect(
      await ports('ports: [3000, "8080:80", "127.0.0.1:9000-9001:90-91", "127.0.0.1::70", "[::1]:71:72", "73:74/tcp"]'),
    ).toEqual([
      '3000 3000  tcp true',
      '80 80 8080 tcp true',
      '90 90 9000 tcp true',
      '91 91 9001 tcp true',
      '70 70  tcp true',
      '72 72 71 tcp true',
      '74 74 73 tcp true',
    ]);
  });

  test('long form, expose', async () => {
    const lines = 'ports: [{name: web, target: 80, published: "8080", app_protocol: http}]\nexpose: ["90-91", 80]';
    expect(await ports(lines)).toEqual(['web 80 8080 http true', '90 90  tcp false', '91 91  tcp false']);
  });

  test('x-flotilla names what ports publishes', async () => {
    expect(await ports('ports: ["8080:80"]\nx-flotilla: {ports: [{name: http, port: 80, protocol: http}]}')).toEqual([
      'http 80 8080 http true',
    ]);
  });

  test('a variable with the number of a port tells the process where to listen', async () => {
    const app = await readOne('ports: [3000, 4000]\nenvironment: {PORT: 3000, GRPC_PORT: 4000, DB_PORT: 5432}');
    expect(app.ports.map((port) => port.env)).toEqual(['PORT', 'GRPC_PORT']);
  });

  test('what Flotilla does otherwise is warned of', async () => {
    const { warnings } = await read(one('ports: ["0.0.0.0:80:80", "53:53/udp", "8000-8010:81"]'));
    expect(warnings.map((warning) => warning.message)).toEqual([
      'published on 127.0.0.1 instead of 0.0.0.0: Flotilla listens on this machine alone',
      'a UDP port is published by the Docker runtime alone, and carries no faults',
      'any free port is taken, not only one of this range',
    ]);
  });

  test('a known image has its port, and a port that others call by URL is there though nothing names it', async () => {
    const { services } = await read(
      'services: {db: {image: "postgres:18"}, web: {image: w}, api: {image: a, environment: {U: "http://web:8080/x", T: "web:7", H_HOST: web, H_PORT: 81}}}',
    );
    expect(services.map((service) => service.ports.map((port) => `${port.containerPort} ${port.protocol}`))).toEqual([
      ['5432 postgres'],
      ['8080 http', '81 tcp'],
      [],
    ]);
  });
});

test('volumes: short, long and anonymous', async () => {
  const fleet = await read(`
services:
  app:
    image: app
    volumes: [data:/data, "./conf:/etc/app:ro", /cache, "/abs:/abs:z", {type: bind, source: ./x, target: /x, read_only: true}, {type: tmpfs, target: /t}]
volumes: {data: , other: {external: true, labels: {a: b}}}
`);
  const at = (name: string) => path.join(fleet.directory, name);
  expect(fleet.services[0]?.mounts).toMatchObject([
    { kind: 'volume', source: 'data', target: '/data', readOnly: false },
    { kind: 'bind', source: at('conf'), target: '/etc/app', readOnly: true },
    { kind: 'volume', source: null, target: '/cache', readOnly: false },
    { kind: 'bind', source: '/abs', target: '/abs', readOnly: false },
    { kind: 'bind', source: at('x'), target: '/x', readOnly: true },
    { kind: 'tmpfs', source: null, target: '/t', readOnly: false },
  ]);
  // What no started service uses is not made.
  expect(fleet.volumes).toEqual({
    data: { name: null, external: false, driver: null, driverOptions: {}, labels: {} },
  });
});

describe('health checks', () => {
  const health = async (lines: string) => (await readOne(lines)).healthcheck;

  test('the forms of test', async () => {
    expect((await health('healthcheck: {test: curl -f localhost}'))?.test).toEqual({
      words: ['curl -f localhost'],
      shell: true,
    });
    expect((await health('healthcheck: {test: [CMD-SHELL, a || b]}'))?.test).toEqual({
      words: ['a || b'],
      shell: true,
    });
    expect((await health('healthcheck: {test: [CMD, a, b]}'))?.test).toEqual({ words: ['a', 'b'], shell: false });
    expect(await health('healthcheck: {test: [NONE]}')).toBeNull();
    expect(await health('healthcheck: {disable: true, test: [CMD, a]}')).toBeNull();
  });

  test('times: those of the file, else those of Compose', async () => {
    const times = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startPeriodMs: 0, startIntervalMs: 1000 };
    expect(await health('healthcheck: {test: a}')).toMatchObject(times);
    expect(await health('healthcheck: {test: a, retries: 0}')).toMatchObject(times);
    const own =
      'healthcheck: {test: a, interval: 500ms, timeout: 1m30s, retries: 7, start_period: 2s, start_interval: 100ms}';
    expect(await health(own)).toMatchObject({
      intervalMs: 500,
      timeoutMs: 90_000,
      retries: 7,
      startPeriodMs: 2000,
      startIntervalMs: 100,
    });
  });

  test('x-flotilla asks a port by name or number', async () => {
    const lines = 'x-flotilla: {ports: [{name: http, port: 80}], health: {http: {port: 80, path: /up}, retries: 9}}';
    expect(await health(lines)).toMatchObject({
      http: { port: 'http', path: '/up' },
      tcp: null,
      test: null,
      retries: 9,
    });
    expect(
      await health(`expose: [70]\nhealthcheck: {test: a, interval: 7s}\nx-flotilla: {health: {tcp: {port: 70}}}`),
    ).toMatchObject({
      tcp: { port: '70' },
      test: { words: ['a'], shell: true },
      intervalMs: 7000,
    });
  });
});

test('a port that is asked for health by HTTP speaks HTTP, others speak what is not known', async () => {
  const text = `
services:
  a: {image: a, ports: ["3000", "9999"], x-flotilla: {health: {http: {port: 3000, path: /up}}}}
  b: {image: b, expose: [3000, 9999], healthcheck: {test: "curl -f http://localhost:3000/up || exit 1"}}
`;
  const { services } = await read(text);
  const speaks = services.map((service) => service.ports.map((port) => [port.containerPort, port.protocol]));
  const expected = [
    [3000, 'http'],
    [9999, 'tcp'],
  ];
  expect(speaks).toEqual([expected, expected]);
});

describe('dependencies and profiles', () => {
  const text = `
services:
  web: {image: w, depends_on: {db: {condition: service_healthy}, extra: {condition: service_started, required: false}}}
  db: {image: "postgres:18", profiles: [data], depends_on: [seed]}
  seed: {image: s, profiles: [data]}
  extra: {image: e, profiles: [more]}
`;
  const names = (fleet: FleetModel) => fleet.services.map((service) => service.id as string);

  test('what a started service requires is started, whatever its profiles', async () => {
    const fleet = await read(text);
    expect(names(fleet)).toEqual(['web', 'db', 'seed']);
    expect(fleet.services[0]?.dependsOn).toEqual([
      { service: 'db', condition: 'service_healthy', required: true, restart: false },
    ]);
    expect(fleet.warnings).toMatchObject([{ line: 3, path: 'services.web.depends_on.db' }]);
  });

  test('profiles that are asked for', async () => {
    expect(names(await read(text, { profiles: ['more'] }))).toEqual(['web', 'db', 'seed', 'extra']);
    expect(names(await read(text, { environment: { COMPOSE_PROFILES: 'x, more' } }))).toContain('extra');
    expect(names(await read(text, { profiles: ['*'] }))).toHaveLength(4);
    const { warnings } = await read(text, { profiles: ['mroe'] });
    expect(warnings.map((warning) => warning.message)).toContain('no service has the profile mroe');
  });

  test('a service that is not started lacks nothing', async () => {
    const fleet = await read(
      'services: {a: {image: a}, b: {image: b, profiles: [p], env_file: none.env, cap_add: [X]}}',
    );
    expect(names(fleet)).toEqual(['a']);
    expect(fleet.warnings).toEqual([]);
  });

  test('what others wait to see completed is a job', async () => {
    const { services } = await read(
      'services: {a: {image: a, depends_on: {m: {condition: service_completed_successfully}}}, m: {image: m}}',
    );
    expect(services.map((service) => service.kind)).toEqual(['service', 'job']);
  });
});

test('x-flotilla.links: what goes without', async () => {
  const links = async (text: string) => {
    const fleet = await read(text);
    return [fleet.links, ...fleet.services.map((one) => one.links)];
  };
  const services = 'services:\n  a: {image: a, x-flotilla: {links: false}}\n  b: {image: b, x-flotilla: {links: true}}';
  expect(await links(services)).toEqual([undefined, false, undefined]);
  expect(await links('services: {a: {image: a}}\nx-flotilla: {links: false}')).toEqual([false, undefined]);
  await expect(read('services: {a: {image: a}}\nx-flotilla: {links: 3}')).rejects.toMatchObject({
    code: 'FLEET_FILE_INVALID',
  });
});

test('x-flotilla: kind, description, process, dial, resources', async () => {
  const fleet = await read(`
x-flotilla:
  dial: { service: load, port: 80, path: /rate, unit: calls/s, min: 0, max: 50 }
  resources: [{ service: load, kind: queue, name: jobs, description: Work. }]
services:
  load:
    image: load
    x-flotilla:
      kind: external
      description: Load.
      ports: [{ name: http, port: 80, protocol: http, env: PORT }]
      process: { command: node main.js, cwd: src, environment: { MODE: local } }
`);
  expect(fleet.dial).toEqual({ service: 'load', port: 'http', path: '/rate', unit: 'calls/s', min: 0, max: 50 });
  expect(fleet.resources).toEqual([{ service: 'load', kind: 'queue', name: 'jobs', description: 'Work.' }]);
  expect(fleet.services[0]).toMatchObject({
    kind: 'external',
    description: 'Load.',
    process: { command: ['node', 'main.js'], cwd: path.join(fleet.directory, 'src'), environment: { MODE: 'local' } },
  });
});

test('keys that have no effect are named with their place, extensions of others are not', async () => {
  const { warnings } = await read(`
version: "3"
services:
  app:
    image: app
    cap_add: [NET_ADMIN]
    enviroment: {A: 1}
    x-other: {a: 1}
    deploy: {placement: {}}
secrets: {key: {file: key}}
x-other: 1
`);
  expect(warnings.map(({ line, column, path: at, message }) => `${line}:${column} ${at} ${message}`)).toEqual([
    '2:1 version has no effect: Compose files have no version any more',
    '6:5 services.app.cap_add is not carried over by processes: nothing is granted or restricted beyond the defaults',
    '7:5 services.app.enviroment is not a key of Compose; is environment meant?',
    '9:14 services.app.deploy.placement has no effect: it speaks of a swarm, and Flotilla runs on one machine',
  ]);
});

test('an anchor that services share warns once', async () => {
  const { warnings } = await read('x-s: &s {cap_add: [A]}\nservices: {a: {<<: *s, image: a}, b: {<<: *s, image: b}}');
  expect(warnings).toHaveLength(1);
});

test('a missing file', async () => {
  const missing = path.join(root, 'none', 'compose.yaml');
  await expect(readFleet(missing, { environment: {}, profiles: [] })).rejects.toMatchObject({
    code: 'FLEET_FILE_MISSING',
  });
  await expect(readFleet(root, { environment: {}, profiles: [] })).rejects.toMatchObject({
    code: 'FLEET_FILE_MISSING',
  });
});

describe('refused', () => {
  const x = (inside: string) => one(`x-flotilla: ${inside}`);
  test.each<[string, string]>([
    ['', 'FLEET_FILE_INVALID 1:1 the file is empty | a mapping with services'],
    ['- a', 'FLEET_FILE_INVALID 1:1 the file is a list | a mapping with services'],
    ['name: x', 'FLEET_FILE_INVALID 1:1 the file has no services | services: with at least one service'],
    ['services: []', 'FLEET_FILE_INVALID 1:11 services is a list | a mapping of services'],
    [
      'name: Big Shop\nservices: {a: {image: x}}',
      'FLEET_FILE_INVALID 1:7 "Big Shop" cannot name a fleet | lower-case letters, digits, - and _, first a letter or digit',
    ],
    [
      'services:\n  a b: {image: x}',
      'FLEET_FILE_INVALID 2:3 "a b" cannot name a service | a name of letters, digits, dots, dashes and underscores',
    ],
    ['services:\n  a:', 'FLEET_FILE_INVALID 2:3 the service a has nothing to run | image, build or x-flotilla.process'],
    [
      'services:\n  a: {command: x}',
      'FLEET_FILE_INVALID 2:3 the service a has nothing to run | image, build or x-flotilla.process',
    ],
    ['services:\n  a:\n    image: x\n    image: y', 'FLEET_FILE_INVALID 4:5 this key is there twice | each key once'],
    [
      'services:\n\ta: {image: x}',
      'FLEET_FILE_INVALID 2:1 Tabs are not allowed as indentation | spaces for indentation',
    ],
    [
      'services: {a: {image: x}',
      'FLEET_FILE_INVALID 1:25 Flow map in block collection must be sufficiently indented and end with a } | lines that belong together to be indented alike',
    ],
    [
      'services: {a: {image: x}}\n---\nb: 1',
      'FLEET_FILE_INVALID 2:1 a second document starts here | one document without --- in the middle',
    ],
    [
      'services: &s {a: *s}',
      'FLEET_FILE_INVALID 1:18 *s is inside the anchor that it names | an anchor (&name) before its alias (*name)',
    ],
    [
      'services: {a: *none}',
      'FLEET_FILE_INVALID 1:15 no anchor &none comes before | an anchor (&name) before its alias (*name)',
    ],
    [
      'services: {a: {<<: text, image: x}}',
      'FLEET_FILE_INVALID 1:16 << is the text "text" | an alias of a mapping, or a list of them',
    ],
    [
      one('ports: ["80:99999"]'),
      'FLEET_FILE_INVALID 4:13 99999 is not a port | a port from 1 to 65535, or a range of them',
    ],
    [one('ports: ["a:80"]'), 'FLEET_FILE_INVALID 4:13 a is not a port | a port from 1 to 65535, or a range of them'],
    [
      one('ports: ["9-8:9-8"]'),
      'FLEET_FILE_INVALID 4:13 9-8 is not a range | the lower port first, and at most 1000 ports',
    ],
    [
      one('ports: ["1-2:1-3"]'),
      'FLEET_FILE_INVALID 4:13 the two ranges differ in length | as many host ports as container ports',
    ],
    [one('ports: 80'), 'FLEET_FILE_INVALID 4:12 ports is the number 80 | a list'],
    [one('ports: [{published: 80}]'), 'FLEET_FILE_INVALID 4:13 this port has no target | target: PORT'],
    [
      one('healthcheck: {test: a, interval: soon}'),
      'FLEET_FILE_INVALID 4:38 interval is the text "soon" | a duration such as 500ms, 10s or 1m30s',
    ],
    [
      one('healthcheck: {test: [curl]}'),
      'FLEET_FILE_INVALID 4:25 test starts with curl and ends there | a text, or a list that starts with CMD, CMD-SHELL or NONE',
    ],
    [one('stop_signal: SIGNONE'), 'FLEET_FILE_INVALID 4:18 SIGNONE is not a signal | a signal such as SIGTERM'],
    [
      one('restart: sometimes'),
      'FLEET_FILE_INVALID 4:14 restart is "sometimes" | no, always, unless-stopped, on-failure or on-failure:N',
    ],
    [one('scale: 1.5'), 'FLEET_FILE_INVALID 4:12 scale is the number 1.5 | a whole number from 0 to 100'],
    [one('mem_limit: lots'), 'FLEET_FILE_INVALID 4:16 mem_limit is the text "lots" | a size such as 512m or 1.5gb'],
    [one('tty: maybe'), 'FLEET_FILE_INVALID 4:10 tty is the text "maybe" | true or false'],
    [
      one('command: a "b'),
      `FLEET_FILE_INVALID 4:14 command: the quote " is not closed | words as a shell reads them, or a list of words`,
    ],
    [one('command: {a: b}'), 'FLEET_FILE_INVALID 4:14 command is a mapping | a text or a list of words'],
    [one('environment: {A: [1]}'), 'FLEET_FILE_INVALID 4:22 A is a list | text, a number, true or false'],
    [
      one('environment: text'),
      'FLEET_FILE_INVALID 4:18 environment is the text "text" | a mapping, or a list of KEY=value',
    ],
    [
      one('env_file: none.env'),
      'FLEET_FILE_INVALID 4:15 the env_file none.env does not exist | a file that exists, or required: false',
    ],
    [
      one('command: ["$ x"]'),
      'FLEET_FILE_INVALID 4:16 a dollar sign without a variable | ${NAME}, or $$ for a dollar sign',
    ],
    [
      one('volumes: [data:/data]'),
      "FLEET_FILE_INVALID 4:15 there is no volume data | a volume of the top level's volumes (none yet), or ./data for a folder",
    ],
    [
      one('networks: [back]'),
      "FLEET_FILE_INVALID 4:16 there is no network back | a network of the top level's networks: default",
    ],
    [one('depends_on: [ap]'), 'FLEET_FILE_INVALID 4:18 app depends on ap, which is not a service of this file | app'],
    [
      one('depends_on: {db: {condition: ready}}'),
      'FLEET_FILE_INVALID 4:34 condition is the text "ready" | service_started, service_healthy or service_completed_successfully',
    ],
    [one('depends_on: [app]'), 'FLEET_CYCLE 4:18 app -> app'],
    [
      'services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [c]}\n  c: {image: x, depends_on: [b]}',
      'FLEET_CYCLE 4:30 b -> c -> b',
    ],
    [
      x('{ports: [], unknown: 1}'),
      'FLEET_FILE_INVALID 4:29 x-flotilla has no key unknown | description, health, kind, links, ports, process or runtimes',
    ],
    [
      x('{kind: thing}'),
      'FLEET_FILE_INVALID 4:24 kind is the text "thing" | service, database, broker, cache, queue, job or external',
    ],
    [
      x('{ports: [{name: a, port: 0}]}'),
      'FLEET_FILE_INVALID 4:42 port is the number 0 | a whole number from 1 to 65535',
    ],
    [
      x('{ports: [{name: a, port: 1}, {name: a, port: 2}]}'),
      'FLEET_FILE_INVALID 4:46 a (1) is there already | each port and each name once',
    ],
    [
      x('{health: {http: {port: web}}}'),
      'FLEET_FILE_INVALID 4:26 health asks the port web, which this service does not have | ports under x-flotilla',
    ],
    [x('{health: {}}'), 'FLEET_FILE_INVALID 4:26 health does not say what to ask | http: {port, path} or tcp: {port}'],
    [
      x('{process: {cwd: .}}'),
      'FLEET_FILE_INVALID 4:27 x-flotilla.process has no command, and neither has the service | command: [program, argument]',
    ],
    [
      `${one('tty: true')}x-flotilla: {dial: {service: none}}`,
      'FLEET_FILE_INVALID 5:30 none is not a service of this file | one of app',
    ],
    [
      `${one('tty: true')}x-flotilla: {dial: {service: app, port: 80}}`,
      'FLEET_FILE_INVALID 5:20 the dial asks the port 80, which app does not have | a port of app',
    ],
    [
      `${one('tty: true')}x-flotilla: {resources: [{service: app, kind: topic}]}`,
      'FLEET_FILE_INVALID 5:26 this resource has no name | name: NAME',
    ],
    [
      `${one('tty: true')}x-flotilla: {topics: []}`,
      'FLEET_FILE_INVALID 5:14 x-flotilla has no key topics | dial, links or resources',
    ],
  ])('%j', async (text, expected) => expect(await complaint(text)).toBe(expected));

  test('an error in a file beside it names that file', async () => {
    const error = await failure(one('env_file: a.env'), { files: { 'a.env': 'A=1\n2B=1\n' } });
    expect(error.details).toMatchObject({ line: 2, column: 1, detail: 'this line sets no variable' });
    expect(error.details.file).toMatch(/a\.env$/);
    const dotenv = await failure(one('tty: true'), { files: { '.env': 'A="1\n' } });
    expect(dotenv.details).toMatchObject({ line: 1, column: 3, detail: 'the quote " is not closed' });
  });

  test('files that would exhaust memory or stack', async () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1) {
      bomb.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(await complaint(bomb.join('\n'))).toContain('aliases make this file too large');
    expect(await complaint(`services: ${'['.repeat(50_000)}`)).toMatch(/nested too deeply|FLEET_FILE_INVALID/);
    expect(await complaint(`services: ${'{a: '.repeat(100)}1${'}'.repeat(100)}`)).toContain('nested too deeply');
  });
});
