import type { ServiceSpec } from '../../fleet/index.ts';

export const LISTENER = 'FLOTILLA';
/** Where the broker listens for this machine, inside of its container; another one when the file uses it. */
const FIRST_PORT = 19_094;

const IMAGES =
  /(^|\/)(apache\/kafka(-native)?|confluentinc\/(cp-kafka|cp-server|confluent-local)|bitnami(legacy)?\/kafka)(:|@|$)/;

const SECURITY = 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL';

type Environment = Readonly<Record<string, string>>;

/** A broker whose listeners are configured by variables that we know. */
export function isKafkaBroker(spec: Pick<ServiceSpec, 'image'>): boolean {
  return spec.image !== null && IMAGES.test(spec.image);
}

/** The port inside of the container for this machine's own listener: one that nothing in its variables speaks of. */
export function listenerPort(environment: Environment): number {
  const used = new Set(
    Object.values(environment).flatMap((value) => [...value.matchAll(/:(\d{2,5})\b/g)].map((m) => m[1])),
  );
  let port = FIRST_PORT;
  while (used.has(String(port))) port += 1;
  return port;
}

/**
 * The variables of a Kafka broker with one more listener, FLOTILLA, that it advertises as 127.0.0.1 and the port that is
 * published there: a broker sends its clients to what it advertises, and the fleet's own names mean nothing on this
 * machine. Kafka's listeners, advertised.listeners and listener.security.protocol.map
 * (https://kafka.apache.org/documentation/#brokerconfigs), as images take them: KAFKA_LISTENERS, or KAFKA_CFG_LISTENERS.
 * @param hostPort where the container's `containerPort` is published on 127.0.0.1
 */
export function withFlotillaListener(
  environment: Environment,
  containerPort: number,
  hostPort: number,
): Record<string, string> {
  const prefix = Object.keys(environment).some((name) => name.startsWith('KAFKA_CFG_')) ? 'KAFKA_CFG_' : 'KAFKA_';
  const name = (key: string): string => `${prefix}${key}`;
  const [listenersKey, advertisedKey, mapKey] = [
    name('LISTENERS'),
    name('ADVERTISED_LISTENERS'),
    name('LISTENER_SECURITY_PROTOCOL_MAP'),
  ];
  const base: Environment = isConfigured(environment, prefix) ? environment : { ...environment, ...defaults(prefix) };
  const advertised = base[advertisedKey];
  // As the images do it themselves when only the advertised ones are given.
  const listeners = base[listenersKey] ?? advertised?.replace(/:\/\/[^:,]*:/g, '://0.0.0.0:');
  if (listeners === undefined || listeners.includes(`${LISTENER}://`)) return { ...base };
  const outward = listeners.split(',').filter((one) => !isController(one, base[name('CONTROLLER_LISTENER_NAMES')]));
  const known = advertised ?? outward.join(',');
  return {
    ...base,
    [listenersKey]: `${listeners},${LISTENER}://:${containerPort}`,
    [advertisedKey]: `${known},${LISTENER}://127.0.0.1:${hostPort}`,
    [mapKey]: `${base[mapKey] ?? SECURITY},${LISTENER}:PLAINTEXT`,
  };
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
