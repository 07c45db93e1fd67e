import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import { expect, test } from 'vitest';
import { attachCandidates } from './candidates.ts';
import { modelOfContainers, withGone } from './model-of-containers.ts';

const listed = (name: string, labels: Record<string, string>, state = 'running'): ContainerInfo =>
  ({ Id: `id-${name}`, Names: [`/${name}`], Image: 'postgres:18', Labels: labels, State: state }) as ContainerInfo;
const project = (name: string, service: string, more: Record<string, string> = {}): Record<string, string> => ({
  'com.docker.compose.project': name,
  'com.docker.compose.service': service,
  ...more,
});

test('offers projects and single containers, and none of our own', () => {
  const found = attachCandidates([
    listed('lonely', {}),
    listed('b-web-1', project('b', 'web', { 'com.docker.compose.project.config_files': '/b/compose.yaml,/b/o.yaml' })),
    listed('b-web-2', project('b', 'web'), 'exited'),
    listed('a-db-1', project('a', 'db')),
    listed('a-run-1', project('a', 'db', { 'com.docker.compose.oneoff': 'True' })),
    listed('shop-web-1', project('shop', 'web', { 'dev.flotilla.run': 'shop-1' })),
  ]);
  expect(found.map((one) => [one.project, one.name, one.files])).toEqual([
    ['a', 'a', []],
    ['b', 'b', ['/b/compose.yaml', '/b/o.yaml']],
    [null, 'lonely', []],
  ]);
  expect(found[1]?.services).toEqual([{ id: 'web', image: 'postgres:18', containers: 2, running: 1 }]);
  expect(found[1]?.containerIds).toEqual(['id-b-web-1', 'id-b-web-2']);
});

const inspected = (name: string, labels: Record<string, string>, config: object = {}, ports: object = {}) =>
  ({
    Id: `id-${name}`,
    Name: `/${name}`,
    Config: { Image: 'acme/web:1', Labels: labels, Env: [], ...config },
    HostConfig: { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 }, Memory: 64_000_000 },
    NetworkSettings: { Ports: ports, Networks: { b_default: { Aliases: ['web', 'abc'] } } },
  }) as unknown as ContainerInspectInfo;

test('reads services, copies, addresses and dependencies off the containers', () => {
  const depends = { 'com.docker.compose.depends_on': 'db:service_healthy:true,gone:service_started:false' };
  const { model, instances } = modelOfContainers('b', [
    inspected('b-web-2', project('b', 'web', { 'com.docker.compose.container-number': '2', ...depends })),
    inspected(
      'b-web-1',
      project('b', 'web', { 'com.docker.compose.container-number': '1', ...depends }),
      { Env: ['DATABASE_URL=postgres://db:5432/a=b', 'EMPTY'], ExposedPorts: { '8080/tcp': {} } },
      { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '18080' }], '53/udp': null },
    ),
    inspected('b-db-1', project('b', 'db'), { Image: 'postgres:18', ExposedPorts: { '5432/tcp': {} } }),
  ]);
  expect(instances.map(({ instance, containerId }) => [instance.service, instance.index, containerId])).toEqual([
    ['web', 1, 'id-b-web-1'],
    ['web', 2, 'id-b-web-2'],
    ['db', 1, 'id-b-db-1'],
  ]);
  const [web, db] = model.services;
  expect(web).toMatchObject({
    id: 'web',
    kind: 'service',
    replicas: 2,
    environment: { DATABASE_URL: { value: 'postgres://db:5432/a=b' }, EMPTY: { value: '' } },
    dependsOn: [{ service: 'db', condition: 'service_healthy', restart: true }],
    // Their container engine restarts them, not we.
    restart: { policy: 'no' },
    limits: { cpus: null, memoryBytes: 64_000_000 },
  });
  expect(web?.ports.map((port) => [port.name, port.protocol, port.hostPort])).toEqual([
    ['53/udp', 'udp', null],
    ['8080', 'http', 18_080],
  ]);
  expect(db).toMatchObject({ kind: 'database', ports: [{ name: 'postgres', protocol: 'postgres', hostPort: null }] });
});

test('takes the name of a container that is part of no project', () => {
  const { model, instances } = modelOfContainers('lonely', [inspected('lonely', {})]);
  expect(model.services.map((one) => one.id)).toEqual(['lonely']);
  expect(instances).toMatchObject([{ instance: { service: 'lonely', index: 1 } }]);
});

test('counts one container of each number while it is made anew, and those that there are', () => {
  const made = (name: string, number: string, Created: string, Running: boolean) => ({
    ...inspected(name, project('b', 'web', { 'com.docker.compose.container-number': number })),
    Created,
    State: { Running } as ContainerInspectInfo['State'],
  });
  const old = made('old', '2', '2026-01-01T00:00:00Z', true);
  const fresh = made('fresh', '2', '2026-01-02T00:00:00Z', false);
  const fourth = made('fourth', '4', '2026-01-01T00:00:00Z', true);
  const ids = (...all: ContainerInspectInfo[]) =>
    modelOfContainers('b', all).instances.map(({ instance, containerId }) => [instance.index, containerId]);
  expect(ids(fourth, fresh, old)).toEqual([
    [2, 'id-old'],
    [4, 'id-fourth'],
  ]);
  expect(ids({ ...old, State: { ...old.State, Running: false } }, fresh)).toEqual([[2, 'id-fresh']]);
  const [web] = modelOfContainers('b', [fourth, old]).model.services;
  expect([web?.replicas, web?.attached]).toEqual([2, { copies: [2, 4] }]);
});

test('keeps containers of several projects apart by their names', () => {
  const { model } = modelOfContainers('x', [
    inspected('a-web-1', project('a', 'web')),
    inspected('b-web-1', project('b', 'web')),
  ]);
  expect(model.services.map((one) => one.id)).toEqual(['a-web-1', 'b-web-1']);
});

test('knows the ports that others call, and how a container is asked to end', () => {
  const { model } = modelOfContainers('b', [
    inspected('b-web-1', project('b', 'web'), { Env: ['API=http://api:9000/'] }),
    inspected('b-api-1', project('b', 'api'), { StopSignal: 'SIGQUIT', StopTimeout: 3 }),
  ]);
  expect(model.services[1]).toMatchObject({
    ports: [{ containerPort: 9000, protocol: 'http' }],
    stopSignal: 'SIGQUIT',
    stopGracePeriodMs: 3000,
  });
});

test('keeps a service whose containers are gone, and its place', () => {
  const of = (...names: string[]) =>
    modelOfContainers(
      'b',
      names.map((name) => inspected(name, project('b', name))),
    ).model;
  const names = (model: ReturnType<typeof of>) => model.services.map((one) => one.id);
  expect(names(withGone(of('c', 'b'), of('a', 'b')))).toEqual(['a', 'b', 'c']);
  expect(withGone(of(), of('a'))).toEqual(of('a'));
});

test('takes whatever stands in labels', () => {
  const number = (text: string) => ({ 'com.docker.compose.container-number': text });
  const { instances } = modelOfContainers('b', [
    inspected('b-a', project('b', '')),
    inspected('b-b', project('b', 'x'.repeat(5000), number('-3'))),
    inspected('b-c', project('b', '../../c', number('1e3'))),
  ]);
  expect(instances.map(({ instance }) => [instance.service, instance.index])).toEqual([
    ['b-a', 1],
    ['x'.repeat(200), 1],
    ['../../c', 1],
  ]);
});
