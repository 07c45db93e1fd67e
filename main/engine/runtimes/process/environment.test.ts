import { describe, expect, it } from 'vitest';
import { PLAIN_MOUNT } from '../../fleet/container-options.ts';
import { serviceSpec } from '../../fleet/model.fixture.ts';
import { environmentEntries, type Variable } from '../variables.ts';
import { embeddedProgramFor, embeddedVariables } from './embedded/index.ts';
import { serviceVariables } from './environment.ts';

const compose = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, source: 'compose' } as const]));

function variables(environment: Record<string, string>, given: Partial<Parameters<typeof serviceVariables>[0]> = {}) {
  const made = serviceVariables({
    spec: serviceSpec('orders', { environment: compose(environment) }),
    instance: 'orders-1',
    own: {},
    embedded: {},
    ports: {},
    otlpHttp: 'http://127.0.0.1:4318',
    rewrite: (all) =>
      Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value.replace('db:5432', '127.0.0.1:9')])),
    ...given,
  });
  return new Map(made.map((one): [string, Variable] => [one.name, one]));
}

describe('serviceVariables', () => {
  it('says where each value comes from', () => {
    const made = variables({ A: 'a', DB: 'db:5432', PORT: '7000' }, { own: { B: 'b' }, ports: { PORT: '20001' } });
    const sources = Object.fromEntries([...made].map(([name, { source }]) => [name, source]));
    expect(sources).toMatchObject({
      A: 'compose',
      B: 'compose',
      DB: 'rewritten',
      PORT: 'flotilla',
      OTEL_SERVICE_NAME: 'flotilla',
    });
    expect(made.get('PORT')?.value).toBe('20001');
  });

  it('sends telemetry to the engine, unless the fleet has a collector of its own', () => {
    const endpoint = (value: string) =>
      variables({ OTEL_EXPORTER_OTLP_ENDPOINT: value }).get('OTEL_EXPORTER_OTLP_ENDPOINT');
    expect(endpoint('http://host.docker.internal:4318')?.value).toBe('http://127.0.0.1:4318');
    expect(endpoint('http://db:5432')?.value).toBe('http://127.0.0.1:9');
  });

  it('adds to the resource attributes that the file gives', () => {
    const made = variables({ OTEL_RESOURCE_ATTRIBUTES: 'team=blue' });
    expect(made.get('OTEL_RESOURCE_ATTRIBUTES')?.value).toBe('team=blue,service.instance.id=orders-1');
  });
});

describe('environmentEntries', () => {
  it.each([
    ['DB_PASSWORD', 'x', '••••••'],
    ['api_key', 'x', '••••••'],
    ['CLIENT_SECRET', 'x', '••••••'],
    ['AWS_CREDENTIALS', 'x', '••••••'],
    ['EMPTY_TOKEN', '', ''],
    ['URL', 'postgres://u:p@h:1/x?a=b@c', 'postgres://u:••••••@h:1/x?a=b@c'],
    ['URLS', 'a://u:p@h,b://v:q@i', 'a://u:••••••@h,b://v:••••••@i'],
    ['URL', 'http://host:80/a@b', 'http://host:80/a@b'],
    ['PLAIN', 'x', 'x'],
  ])('%s=%s is shown as %s', (name, value, shown) => {
    const [entry] = environmentEntries([{ name, value, source: 'compose' }], false);
    expect(entry).toMatchObject({ value: shown, masked: shown !== value });
    expect(environmentEntries([{ name, value, source: 'compose' }], true)[0]).toMatchObject({ value, masked: false });
  });
});

describe('embedded programs', () => {
  it.each([
    ['postgres:18', 'postgres'],
    ['docker.io/library/postgres:18-alpine@sha256:abc', 'postgres'],
    ['redis', 'redis'],
    ['valkey/valkey:8', 'redis'],
    ['registry.example:5000/apache/kafka:4.1.0', 'kafka'],
    ['confluentinc/cp-kafka:7.9.0', 'kafka'],
    ['someone/postgres', null],
    ['constructor', null],
    ['postgrest/postgrest', null],
    [null, null],
  ])('%s: %s', (image, expected) => {
    expect(embeddedProgramFor(image)).toBe(expected);
  });

  it('hands over the folder of start scripts', () => {
    const mount = {
      kind: 'bind',
      source: '/fleet/postgres',
      target: '/docker-entrypoint-initdb.d/',
      readOnly: true,
      options: PLAIN_MOUNT,
    } as const;
    expect(embeddedVariables(serviceSpec('db', { mounts: [mount] }), '/data')).toEqual({
      DATA_DIR: '/data',
      INITDB_DIR: '/fleet/postgres',
    });
    expect(embeddedVariables(serviceSpec('db'), '/data')).toEqual({ DATA_DIR: '/data' });
  });
});
