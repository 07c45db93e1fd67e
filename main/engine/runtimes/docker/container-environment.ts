import type { ServiceSpec } from '../../fleet/index.ts';
import type { Variable } from '../variables.ts';
import { type AddedListener, withListeners } from './kafka-listeners.ts';

export interface ContainerEnvironmentInput {
  readonly spec: ServiceSpec;
  /** `orders-1`. */
  readonly instance: string;
  /** Where the container reaches the receivers; null where it cannot. */
  readonly otlp: { readonly http: string; readonly grpc: string } | null;
  /** Of a Kafka broker: what it listens on for this machine and for clients with links. */
  readonly listeners: readonly AddedListener[];
  /** Puts the addresses of links in the place of those of other services. */
  rewrite(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

const ENDPOINT = /^OTEL_EXPORTER_OTLP(?:_(?:TRACES|METRICS|LOGS))?_ENDPOINT$/;
/** This machine as containers call it: what a file says that was written for a collector beside the containers. */
const THIS_MACHINE = /^([a-z]+:\/\/)?(?:host\.docker\.internal|host\.containers\.internal)(?::(\d+))?(?=\/|$)/i;
const GRPC_PORT = '4317';
/** What is compared as text, with what a token, a request or a browser says, is no address to call. */
const COMPARED = /(^|_)(ISSUER|ISS|AUDIENCE|AUD|ORIGINS?|ALLOWED_HOSTS?|COOKIE_DOMAIN)(_|$)/i;

/** The file's variables that may hold addresses of other services to call. */
export function callingVariables({ environment }: Pick<ServiceSpec, 'environment'>): Record<string, string> {
  const calling = Object.entries(environment).filter(([name]) => !COMPARED.test(name));
  return Object.fromEntries(calling.map(([name, { value }]) => [name, value]));
}

/** The variables that a service's container is given; those of the file as they are, but for links and where telemetry goes. */
export function containerVariables(input: ContainerEnvironmentInput): Variable[] {
  const { spec, listeners } = input;
  const variables = new Map<string, Variable>();
  for (const [name, { value, source }] of Object.entries(spec.environment))
    variables.set(name, { name, value, source });
  for (const [name, value] of Object.entries(input.rewrite(callingVariables(spec)))) {
    if (variables.get(name)?.value !== value) variables.set(name, { name, value, source: 'rewritten' });
  }
  const add = (name: string, value: string): void => {
    if (!variables.has(name)) variables.set(name, { name, value, source: 'flotilla' });
  };
  for (const { env, containerPort } of spec.ports) if (env !== null) add(env, String(containerPort));
  addTelemetry(input, variables, add);
  if (listeners.length > 0) {
    const before = Object.fromEntries([...variables.values()].map(({ name, value }) => [name, value]));
    for (const [name, value] of Object.entries(withListeners(before, listeners))) {
      if (before[name] === value) continue;
      variables.set(name, { name, value, source: before[name] === undefined ? 'flotilla' : 'rewritten' });
    }
  }
  return [...variables.values()];
}

function addTelemetry(
  { spec, instance, otlp }: ContainerEnvironmentInput,
  variables: Map<string, Variable>,
  add: (name: string, value: string) => void,
): void {
  add('OTEL_SERVICE_NAME', spec.id);
  const resource = variables.get('OTEL_RESOURCE_ATTRIBUTES');
  if (!resource?.value.includes('service.instance.id=')) {
    const value = [resource?.value, `service.instance.id=${instance}`].filter(Boolean).join(',');
    variables.set('OTEL_RESOURCE_ATTRIBUTES', { name: 'OTEL_RESOURCE_ATTRIBUTES', value, source: 'flotilla' });
  }
  if (otlp === null) return;
  const protocol = variables.get('OTEL_EXPORTER_OTLP_PROTOCOL')?.value;
  const endpoints = [...variables.values()].filter(({ name, value }) => ENDPOINT.test(name) && value !== '');
  if (endpoints.length === 0) {
    add('OTEL_EXPORTER_OTLP_ENDPOINT', protocol === 'grpc' ? otlp.grpc : otlp.http);
    add('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf');
    return;
  }
  for (const { name, value } of endpoints) {
    const meant = THIS_MACHINE.exec(value);
    if (meant === null) continue;
    const grpc = protocol === 'grpc' || (protocol === undefined && meant[2] === GRPC_PORT);
    const target = grpc ? otlp.grpc : otlp.http;
    const address = meant[1] === undefined ? target.replace(/^https?:\/\//, '') : target;
    variables.set(name, { name, value: value.replace(THIS_MACHINE, address), source: 'rewritten' });
    add('OTEL_EXPORTER_OTLP_PROTOCOL', grpc ? 'grpc' : 'http/protobuf');
  }
}
