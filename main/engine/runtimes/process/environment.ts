import type { ServiceSpec } from '../../fleet/index.ts';
import type { Variable } from '../variables.ts';

/** Of the engine's own environment, what programs need to work at all; the rest is none of a service's business. */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'JAVA_HOME',
] as const;

export interface EnvironmentInput {
  readonly spec: ServiceSpec;
  /** `orders-1`. */
  readonly instance: string;
  /** From `x-flotilla.process`. */
  readonly own: Readonly<Record<string, string>>;
  /** What an embedded program is told. */
  readonly embedded: Readonly<Record<string, string>>;
  /** The variables that name this instance's ports, with the port. */
  readonly ports: Readonly<Record<string, string>>;
  readonly otlpHttp: string;
  rewrite(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

/** The variables that a service is given as a process, later ones winning over earlier ones; one entry per name. */
export function serviceVariables(input: EnvironmentInput): Variable[] {
  const variables = new Map<string, Variable>();
  const put = (name: string, value: string, source: Variable['source']): void => {
    variables.set(name, { name, value, source });
  };
  const given: Record<string, string> = {};
  for (const [name, { value }] of Object.entries(input.spec.environment)) given[name] = value;
  Object.assign(given, input.own);
  const rewritten = input.rewrite(given);
  for (const [name, value] of Object.entries(rewritten)) {
    const source = input.own[name] === undefined ? (input.spec.environment[name]?.source ?? 'compose') : 'compose';
    put(name, value, value === given[name] ? source : 'rewritten');
  }
  for (const [name, value] of Object.entries({ ...input.ports, ...input.embedded })) put(name, value, 'flotilla');
  for (const [name, value] of Object.entries(telemetryVariables(input))) {
    // A collector that is part of the fleet is the file's own decision.
    if (name.includes('EXPORTER') && variables.get(name)?.source === 'rewritten') continue;
    put(name, value, 'flotilla');
  }
  return [...variables.values()];
}

function telemetryVariables({ spec, instance, otlpHttp }: EnvironmentInput): Record<string, string> {
  const resource = spec.environment.OTEL_RESOURCE_ATTRIBUTES?.value;
  return {
    OTEL_SERVICE_NAME: spec.id,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpHttp,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_RESOURCE_ATTRIBUTES: [resource, `service.instance.id=${instance}`].filter(Boolean).join(','),
  };
}

/** What of the engine's own environment its children get. */
export function inheritedVariables(): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) inherited[name] = value;
  }
  // Under Electron the engine's own executable is Node only when told so.
  if (process.versions.electron !== undefined) inherited.ELECTRON_RUN_AS_NODE = '1';
  return inherited;
}
