import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FleetModel, ServiceSpec } from '../model.ts';
import { complaintOf, readText, warningsOf } from './read-fleet.fixture.ts';

function service(fleet: FleetModel, id: string): ServiceSpec {
  const found = fleet.services.find((one) => one.id === id);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
}

const values = ({ environment }: ServiceSpec) =>
  Object.fromEntries(Object.entries(environment).map(([name, { value }]) => [name, value]));

describe('files that are laid over each other', () => {
  const base = `
name: base
services:
  web:
    image: web
    command: [old, words]
    environment: [A=1, B=1]
    ports: ["8080:80", "9090:90"]
    volumes: ["data:/data", "./conf:/conf"]
    dns: 1.1.1.1
    depends_on: [db]
    labels: {a: "1"}
    healthcheck: {test: [CMD, old], interval: 7s}
    logging: {driver: json-file, options: {max-size: 1m}}
    extra_hosts: {a: 1.1.1.1}
    ulimits: {nofile: 10}
    build: ./web
  db: {image: db}
volumes: {data: }
`;

  test("Flotilla's own keys are laid over each other by the same rules", async () => {
    const own = `
services:
  a:
    image: a
    x-flotilla:
      runtimes: [process]
      process: {command: [node, old.js], environment: [A=1]}
      ports: [{name: http, port: 80}, {name: admin, port: 90}]
x-flotilla: {resources: [{service: a, kind: topic, name: t, description: old}]}`;
    const over = `
services:
  a:
    x-flotilla:
      runtimes: [docker, process]
      process: {command: [node, new.js], environment: {B: "2"}}
      ports: [{name: web, port: 80}]
x-flotilla: {resources: [{service: a, kind: topic, name: t, description: new}]}`;
    const given = { beside: { 'compose.override.yaml': over } };
    const { process } = service(await readText(own, { ...given, runtime: 'process' }), 'a');
    expect(process).toMatchObject({ command: ['node', 'new.js'], environment: { A: '1', B: '2' } });
    const fleet = await readText(own, given);
    expect(service(fleet, 'a').ports.map((one) => [one.name, one.containerPort])).toEqual([
      ['web', 80],
      ['admin', 90],
    ]);
    expect(fleet.resources.map((one) => one.description)).toEqual(['new']);
  });

  test('mappings are joined, lists go on, words are replaced', async () => {
    const over = `
services:
  web:
    command: [new]
    environment: {B: "2", C: "3"}
    ports: ["8080:80", "7070:70"]
    volumes: ["other:/data"]
    dns: [2.2.2.2]
    depends_on: {db: {condition: service_healthy}}
    labels: [b=2]
    healthcheck: {test: [CMD, new]}
    logging: {options: {max-file: "3"}}
    extra_hosts: ["b:2.2.2.2"]
    ulimits: {nofile: {soft: 1, hard: 2}}
    build: {target: dev}
volumes: {other: }
`;
    const fleet = await readText(base, { beside: { 'compose.override.yaml': over } });
    expect(fleet.files.map((file) => path.basename(file))).toEqual(['compose.yaml', 'compose.override.yaml']);
    const web = service(fleet, 'web');
    expect(values(web)).toEqual({ A: '1', B: '2', C: '3' });
    expect(web.ports.map((port) => port.publications)).toEqual([
      [{ hostIp: null, hostPorts: { from: 8080, to: 8080 } }],
      [{ hostIp: null, hostPorts: { from: 9090, to: 9090 } }],
      [{ hostIp: null, hostPorts: { from: 7070, to: 7070 } }],
    ]);
    expect(web.mounts.map((mount) => `${mount.kind} ${mount.target}`)).toEqual(['volume /data', 'bind /conf']);
    expect(web.mounts[0]?.source).toBe('other');
    expect(web).toMatchObject({
      command: ['new'],
      labels: { a: '1', b: '2' },
      dependsOn: [{ service: 'db', condition: 'service_healthy' }],
      healthcheck: { test: { words: ['new'] }, intervalMs: 7000 },
      extraHosts: ['a:1.1.1.1', 'b:2.2.2.2'],
      build: { target: 'dev', context: path.join(fleet.directory, 'web') },
      container: {
        dns: ['1.1.1.1', '2.2.2.2'],
        logging: { driver: 'json-file', options: { 'max-size': '1m', 'max-file': '3' } },
        ulimits: [{ name: 'nofile', soft: 1, hard: 2 }],
      },
    });
    // What nobody uses any more is not made.
    expect(Object.keys(fleet.volumes)).toEqual(['other']);
  });

  test('!reset takes away, !override replaces', async () => {
    const over = `
services:
  web:
    ports: !override ["1:1"]
    environment: {A: !reset null}
    depends_on: !reset []
    labels: !reset {}
  db: !reset
`;
    const fleet = await readText(base, { beside: { 'over.yaml': over }, files: ['over.yaml'] });
    const web = service(fleet, 'web');
    expect(fleet.services).toHaveLength(1);
    expect(web.ports.map((port) => port.containerPort)).toEqual([1]);
    expect(values(web)).toEqual({ B: '1' });
    expect(web).toMatchObject({ dependsOn: [], labels: {} });
    expect(fleet.warnings).toEqual([]);
  });

  test('files that are named leave an override beside the first alone; another log driver has options of its own', async () => {
    const fleet = await readText(base, {
      beside: {
        'compose.override.yaml': 'services: {web: {command: [overridden]}}',
        'a.yaml': 'name: other\nservices: {web: {logging: {driver: none}}}',
      },
      files: ['a.yaml'],
    });
    expect(fleet.name).toBe('other');
    expect(service(fleet, 'web')).toMatchObject({
      command: ['old', 'words'],
      container: { logging: { driver: 'none', options: {} } },
    });
  });

  test('COMPOSE_FILE names the files of a folder; an empty list of files leaves the override alone', async () => {
    const beside = {
      '.env': 'COMPOSE_FILE=compose.yaml,a.yaml\nCOMPOSE_PATH_SEPARATOR=,',
      'a.yaml': 'services: {db: {user: a}}',
      'compose.override.yaml': 'services: {db: {user: override}}',
    };
    expect(service(await readText(base, { beside }), 'db').user).toBe('a');
    expect(service(await readText(base, { beside, files: [] }), 'db').user).toBeNull();
  });

  test('errors and warnings name the file where it is written', async () => {
    const wrong = { 'compose.override.yaml': 'services:\n  web:\n    ports: ["x:80"]\n' };
    expect(await complaintOf(base, { beside: wrong })).toMatch(/^compose\.override\.yaml:3:13 x is not a port/);
    const odd = { 'compose.override.yaml': 'services:\n  web:\n    unheard: 1\n    attach: true\n' };
    expect(await warningsOf(base, { beside: odd })).toEqual([
      'compose.override.yaml:3:5 services.web.unheard is not a key of Compose, and has no effect',
      'compose.override.yaml:4:5 services.web.attach has no effect: every service logs to Flotilla',
    ]);
  });
});

describe('extends', () => {
  test('of the same file, of another, and of one that extends', async () => {
    const fleet = await readText(
      `
services:
  web: {extends: {file: common/base.yaml, service: web}, environment: {B: own}, image: own}
  plain: {extends: base}
  base: {image: base, cap_add: [A], user: root}
`,
      {
        beside: {
          'common/base.yaml': `
services:
  web: {extends: {service: root}, build: ./src, environment: ["A=\${X}", B=base], env_file: web.env, volumes: ["./x:/x"]}
  root: {image: root, read_only: true, volumes: ["./y:/y"]}
`,
          'common/web.env': 'E=1',
        },
        environment: { X: 'x' },
      },
    );
    const web = service(fleet, 'web');
    const at = (name: string) => path.join(fleet.directory, 'common', name);
    expect(web).toMatchObject({ image: 'own', build: { context: at('src') }, container: { readOnly: true } });
    expect(values(web)).toEqual({ E: '1', A: 'x', B: 'own' });
    expect(web.mounts.map((mount) => mount.source)).toEqual([at('y'), at('x')]);
    expect(service(fleet, 'plain')).toMatchObject({ image: 'base', user: 'root', container: { capAdd: ['A'] } });
    expect(fleet.services.map((one) => one.id)).toEqual(['web', 'plain', 'base']);
  });

  test.each([
    ['services: {a: {extends: b}}', 'compose.yaml:1:25 there is no service b in compose.yaml | the name of a service'],
    [
      'services: {a: {extends: b}, b: {extends: a}}',
      'compose.yaml:1:16 services extend each other in a circle | a service that extends no other',
    ],
    ['services: {a: {extends: {file: x}}}', 'compose.yaml:1:25 extends names no service | service: NAME'],
    [
      'services: {a: {extends: {file: none.yaml, service: b}}}',
      /compose.yaml:1:32 the file .*none.yaml cannot be read \(ENOENT\) \| a file that exists/,
    ],
  ])('refused: %s', async (text, expected) => expect(await complaintOf(text)).toMatch(expected));
});

describe('include', () => {
  const beside = {
    'db/compose.yaml': `
include: [more.yaml]
services:
  db: {image: "db:\${TAG}", volumes: ["data:/data", "./init:/init"], env_file: db.env}
volumes: {data: {labels: {of: db}}}
`,
    'db/more.yaml': 'services: {cache: {image: cache}}',
    'db/.env': 'TAG=own',
    'db/db.env': 'X=$TAG',
    'other.env': 'TAG=other',
  };

  test('services, volumes and variables of another project, in its folder', async () => {
    const fleet = await readText('include: [db/compose.yaml]\nservices: {web: {image: web, depends_on: [db]}}', {
      beside,
    });
    const db = service(fleet, 'db');
    expect(fleet.services.map((one) => one.id)).toEqual(['web', 'db', 'cache']);
    expect(db).toMatchObject({ image: 'db:own', environment: { X: { value: 'own' } } });
    expect(db.mounts[1]?.source).toBe(path.join(fleet.directory, 'db/init'));
    expect(fleet.volumes).toMatchObject({ data: { labels: { of: 'db' } } });
    expect(path.basename(path.dirname(db.position.file))).toBe('db');
  });

  test('with a folder and variables of its own; the environment counts more', async () => {
    const text =
      'include: [{path: [db/compose.yaml], project_directory: ., env_file: other.env}]\nservices: {a: {image: a}}';
    const given = { beside: { ...beside, 'db.env': '', 'more.yaml': beside['db/more.yaml'] } };
    const fleet = await readText(text, given);
    expect(service(fleet, 'db').image).toBe('db:other');
    expect(service(fleet, 'db').mounts[1]?.source).toBe(path.join(fleet.directory, 'init'));
    const set = await readText(text, { ...given, environment: { TAG: 'set' } });
    expect(service(set, 'db').image).toBe('db:set');
  });

  test('what is there already may say the same and nothing else', async () => {
    const beside = { 'db.yaml': 'services: {db: {image: db, volumes: [data:/d]}}\nvolumes: {data: {driver: local}}' };
    const main = (driver: string) => `include: [db.yaml]
services: {web: {image: web, volumes: [data:/d]}}
volumes:
  data: {driver: ${driver}}`;
    expect((await readText(main('local'), { beside })).volumes.data?.driver).toBe('local');
    expect(await complaintOf(main('other'), { beside })).toMatch(
      /^compose.yaml:4:3 the volume data is in an included file too/,
    );
  });

  test('an override changes what is included', async () => {
    const over = { 'compose.override.yaml': 'services: {db: {user: me}}' };
    const fleet = await readText('include: [db/compose.yaml]', { beside: { ...beside, ...over } });
    expect(service(fleet, 'db').user).toBe('me');
    // It is still the service of that folder.
    expect(path.basename(path.dirname(service(fleet, 'db').position.file))).toBe('db');
  });

  test('refused: a circle, a name that is taken, a file from elsewhere', async () => {
    expect(await complaintOf('include: [a.yaml]', { beside: { 'a.yaml': 'include: [compose.yaml]' } })).toBe(
      'a.yaml:1:11 files include each other: compose.yaml -> a.yaml -> compose.yaml | no circle of files',
    );
    expect(await complaintOf('include: [db/compose.yaml]\nservices:\n  db: {image: x}', { beside })).toMatch(
      /^compose.yaml:3:3 the service db is in an included file too/,
    );
    expect(await complaintOf('include: ["oci://registry/x"]')).toMatch(/^compose.yaml:1:11 .* is not of this machine/);
  });
});

test('the name of the project is a variable of its files', async () => {
  const fleet = await readText('name: ${STAGE:-dev}-shop\nservices: {a: {image: "$COMPOSE_PROJECT_NAME"}}');
  expect(fleet).toMatchObject({ name: 'dev-shop', warnings: [] });
  expect(fleet.services[0]?.image).toBe('dev-shop');
});

test('an env file as it stands, and labels from a file', async () => {
  const fleet = await readText(
    'services: {a: {image: a, env_file: [{path: raw.env, format: raw}], label_file: l.env, labels: {b: "2"}}}',
    { beside: { 'raw.env': '# no\nA="$B" # yes\nC\n', 'l.env': 'a=1\nb=1' }, environment: { C: 'c' } },
  );
  expect(values(service(fleet, 'a'))).toEqual({ A: '"$B" # yes', C: 'c' });
  expect(service(fleet, 'a').labels).toEqual({ a: '1', b: '2' });
});
