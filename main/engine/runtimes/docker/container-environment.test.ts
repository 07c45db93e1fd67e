import { describe, expect, it } from 'vitest';
import { port, serviceSpec } from '../../fleet/model.fixture.ts';
import { containerVariables } from './container-environment.ts';

const otlp = { http: 'http://172.18.0.1:4318', grpc: 'http://172.18.0.1:4317' };

function variables(environment: Record<string, string>, given: Partial<Parameters<typeof containerVariables>[0]> = {}) {
  const values = Object.entries(environment).map(([name, value]) => [name, { value, source: 'compose' }] as const);
  const spec = serviceSpec('orders', {
    environment: Object.fromEntries(values),
    ports: [port('http', 7000, { env: 'PORT' })],
  });
  const made = containerVariables({
    spec,
    instance: 'orders-1',
    otlp,
    listeners: [],
    rewrite: (same) => same,
    ...given,
  });
  return Object.fromEntries(made.map(({ name, value }) => [name, value]));
}

describe('containerVariables', () => {
  it('tells a service its port, its name and where telemetry goes', () => {
    expect(variables({ A: 'b' })).toEqual({
      A: 'b',
      PORT: '7000',
      OTEL_SERVICE_NAME: 'orders',
      OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=orders-1',
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.http,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    });
  });

  it('leaves what the file says', () => {
    const own = {
      PORT: '1',
      OTEL_SERVICE_NAME: 'mine',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317',
      OTEL_RESOURCE_ATTRIBUTES: 'a=b',
    };
    expect(variables(own)).toEqual({ ...own, OTEL_RESOURCE_ATTRIBUTES: 'a=b,service.instance.id=orders-1' });
  });

  it.each([
    ['http://host.docker.internal:4318', undefined, otlp.http, 'http/protobuf'],
    ['http://host.docker.internal:4318/', undefined, `${otlp.http}/`, 'http/protobuf'],
    ['http://host.docker.internal:4317', undefined, otlp.grpc, 'grpc'],
    ['host.docker.internal:4317', 'grpc', '172.18.0.1:4317', 'grpc'],
    ['http://host.docker.internal:9999', 'http/json', otlp.http, 'http/json'],
  ])('takes %s (%s) for itself', (endpoint, protocol, expected, spoken) => {
    const given = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...(protocol && { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }) };
    expect(variables(given)).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: expected,
      OTEL_EXPORTER_OTLP_PROTOCOL: spoken,
    });
  });

  it('keeps the path of an endpoint for one signal', () => {
    const made = variables({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://host.docker.internal:4318/v1/traces' });
    expect(made.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT).toBe(`${otlp.http}/v1/traces`);
    expect(made.OTEL_EXPORTER_OTLP_ENDPOINT).toBeUndefined();
  });

  it('promises no address where there is none', () => {
    expect(variables({}, { otlp: null })).not.toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  it('calls others by their links, and leaves what is only compared', () => {
    const rewrite = (given: Readonly<Record<string, string>>) =>
      Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, value.replace('id:7001', '172.18.0.1:20001')]),
      );
    const own = { IDENTITY_URL: 'http://id:7001/', JWT_ISSUER_URI: 'http://id:7001', CORS_ORIGINS: 'http://id:7001' };
    expect(variables(own, { rewrite })).toMatchObject({ ...own, IDENTITY_URL: 'http://172.18.0.1:20001/' });
  });

  it("adds a broker's listener for this machine", () => {
    const made = variables(
      { KAFKA_LISTENERS: 'PLAINTEXT://:9092', KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://kafka:9092' },
      { listeners: [{ name: 'FLOTILLA', containerPort: 19_094, advertised: '127.0.0.1:20001' }] },
    );
    expect(made.KAFKA_ADVERTISED_LISTENERS).toBe('PLAINTEXT://kafka:9092,FLOTILLA://127.0.0.1:20001');
  });
});
