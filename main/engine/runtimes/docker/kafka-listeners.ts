import type { ServiceSpec } from '../../fleet/index.ts';

export const LISTENER = 'FLOTILLA';
/** Where the broker listens for this machine, inside of its container; another one when the file uses it. */
const FIRST_PORT = 19_094;

const IMAGES =
  /(^|\/)(apache\/kafka(-native)?|confluentinc\/(cp-kafka|cp-server|confluent-local)|bitnami(legacy)?\/kafka)(:|@|$)/;

const SECURITY = 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL';

type Environment = Readonly<Record<string, string>>;

const ROLES = ['KAFKA_PROCESS_ROLES', 'KAFKA_CFG_PROCESS_ROLES'];

/** A broker whose listeners are configured by variables that we know; a controller alone has nothing for clients. */
export function isKafkaBroker({ image, environment }: Pick<ServiceSpec, 'image' | 'environment'>): boolean {
  if (image === null || !IMAGES.test(image)) return false;
  const roles = ROLES.map((name) => environment[name]?.value).find((value) => value !== undefined);
  return roles === undefined || roles.includes('broker');
}

/** Ports inside of the container that nothing in its variables speaks of: the first is that of this machine's own listener. */
export function listenerPorts(environment: Environment, count: number): number[] {
  const used = new Set(
    Object.values(environment).flatMap((value) => [...value.matchAll(/:(\d{2,5})\b/g)].map((m) => m[1])),
  );
  const ports: number[] = [];
  for (let port = FIRST_PORT; ports.length < count; port += 1) if (!used.has(String(port))) ports.push(port);
  return ports;
}

/** The first of `listenerPorts`. */
export function listenerPort(environment: Environment): number {
  return listenerPorts(environment, 1)[0] ?? FIRST_PORT;
}

/** One more door of a broker: clients that come by it are sent to what it advertises, and stay with it. */
export interface AddedListener {
  readonly name: string;
  /** Where it listens inside of the container. */
  readonly containerPort: number;
  /** `host:port` as the clients that it is for reach it. */
  readonly advertised: string;
}

/**
 * The variables of a Kafka broker with more listeners: a broker sends its clients to what it advertises, and that differs by
 * where they are. Kafka's listeners, advertised.listeners and listener.security.protocol.map
 * (https://kafka.apache.org/documentation/#brokerconfigs), as images take them: KAFKA_LISTENERS, or KAFKA_CFG_LISTENERS.
 */
export function withListeners(environment: Environment, added: readonly AddedListener[]): Record<string, string> {
  const { base, keys, listeners } = configuration(environment);
  const missing = added.filter(({ name }) => !listeners?.includes(`${name}://`));
  if (listeners === undefined || missing.length === 0) return { ...base };
  const outward = listeners.split(',').filter((one) => !isController(one, base[keys.controllers]));
  const known = base[keys.advertised] ?? outward.join(',');
  const list = (first: string, of: (one: AddedListener) => string): string => [first, ...missing.map(of)].join(',');
  return {
    ...base,
    [keys.listeners]: list(listeners, ({ name, containerPort }) => `${name}://:${containerPort}`),
    [keys.advertised]: list(known, ({ name, advertised }) => `${name}://${advertised}`),
    [keys.security]: list(base[keys.security] ?? SECURITY, ({ name }) => `${name}:PLAINTEXT`),
  };
}

/** A listener that a broker has by its own variables. */
export interface OwnListener {
  readonly name: string;
  readonly port: number;
  /** `PLAINTEXT`, `SASL_SSL`; null when the variables do not say. */
  readonly security: string | null;
  readonly isController: boolean;
}

/** The listeners of a broker's variables; none where it is configured by a file that we do not see. */
export function ownListeners(environment: Environment): OwnListener[] {
  const { base, keys, listeners = '' } = configuration(environment);
  const security = new Map((base[keys.security] ?? SECURITY).split(',').map((one) => pairOf(one)));
  return listeners.split(',').flatMap((one) => {
    const [, name, port] = /^\s*(\w+):\/\/.*:(\d+)\s*$/.exec(one) ?? [];
    if (name === undefined) return [];
    const isForControllers = isController(one, base[keys.controllers]);
    return [{ name, port: Number(port), security: security.get(name) ?? null, isController: isForControllers }];
  });
}

/** What brokers of one cluster have in common; null when its variables do not say. */
export function clusterOf(environment: Environment): string | null {
  const names = ['CONTROLLER_QUORUM_VOTERS', 'CONTROLLER_QUORUM_BOOTSTRAP_SERVERS', 'ZOOKEEPER_CONNECT'];
  const prefix = prefixOf(environment);
  const value = names.map((name) => environment[`${prefix}${name}`]).find((one) => one !== undefined);
  // A broker that is its own controller has nothing in common with another that is.
  return value === undefined || /\blocalhost\b|\b127\.0\.0\.1\b/.test(value) ? null : value;
}

const pairOf = (entry: string): [string, string] => {
  const [name = '', protocol = ''] = entry.split(':');
  return [name.trim(), protocol.trim()];
};

const prefixOf = (environment: Environment): string =>
  Object.keys(environment).some((name) => name.startsWith('KAFKA_CFG_')) ? 'KAFKA_CFG_' : 'KAFKA_';

function configuration(environment: Environment) {
  const prefix = prefixOf(environment);
  const keys = {
    listeners: `${prefix}LISTENERS`,
    advertised: `${prefix}ADVERTISED_LISTENERS`,
    security: `${prefix}LISTENER_SECURITY_PROTOCOL_MAP`,
    controllers: `${prefix}CONTROLLER_LISTENER_NAMES`,
  };
  const base: Environment = isConfigured(environment, prefix) ? environment : { ...environment, ...defaults(prefix) };
  // As the images do it themselves when only the advertised ones are given.
  const listeners = base[keys.listeners] ?? base[keys.advertised]?.replace(/:\/\/[^:,]*:/g, '://0.0.0.0:');
  return { base, keys, listeners };
}

function isController(listener: string, names = 'CONTROLLER'): boolean {
  return names.split(',').some((name) => listener.trim().startsWith(`${name.trim()}://`));
}

function isConfigured(environment: Environment, prefix: string): boolean {
  return [`${prefix}LISTENERS`, `${prefix}ADVERTISED_LISTENERS`].some((name) => environment[name] !== undefined);
}

/** One node that is broker and controller, reached by the name of its service: what images do when they are told nothing. */
function defaults(prefix: string): Record<string, string> {
  const values = {
    NODE_ID: '1',
    PROCESS_ROLES: 'broker,controller',
    LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    TRANSACTION_STATE_LOG_MIN_ISR: '1',
  };
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}${key}`, value]));
}
