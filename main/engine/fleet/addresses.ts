/** An address of a host and port within a longer text: `catalog:7002` in `http://catalog:7002/products`. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** `http`, `postgres`, `PLAINTEXT`; null where the text has none. */
  readonly scheme: string | null;
  /** Where `host:port` (or `host` alone, when its scheme implies the port) starts and ends. */
  readonly start: number;
  readonly end: number;
}

const IMPLIED_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  ws: 80,
  https: 443,
  wss: 443,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  mongodb: 27_017,
  redis: 6379,
  rediss: 6379,
  amqp: 5672,
  amqps: 5671,
  nats: 4222,
};

const PROTOCOLS: readonly (readonly [pattern: RegExp, protocol: string])[] = [
  [/^(https?|wss?)$/, 'http'],
  [/^grpcs?$/, 'grpc'],
  [/^postgres(ql)?$/, 'postgres'],
  [/^rediss?$/, 'redis'],
  [/^amqps?$/, 'amqp'],
  [/^(kafka|plaintext|sasl_plaintext|ssl|sasl_ssl)$/, 'kafka'],
];

const ENCRYPTED = /^(https|wss|grpcs|rediss|amqps|mqtts|ldaps|nats\+tls|tls|ssl|sasl_ssl|mongodb\+srv)$/i;
/** PostgreSQL's clients, asked to check the name of who they are connected to. */
const CHECKS_HOST = /[?&]sslmode=verify-full\b/;

/** Longer values are certificates and the like, not addresses. */
const LONGEST_VALUE = 20_000;
const LONGEST_PREFIX = 500;

// The port must not be followed by what makes the whole a user and password (`@`), a longer word or an IP address.
const EXPLICIT = /(?<![\w.-])([A-Za-z0-9][\w.-]{0,252}):(\d{1,5})(?![\w@-]|\.\d)/g;
const IMPLIED =
  /(?<![\w+.-])([A-Za-z][A-Za-z0-9+.]{1,20}):\/\/(?:[^\s/@,]{0,200}@)?([A-Za-z0-9][\w.-]{0,252})(?=[/?#,;\s"']|$)/g;
// What stands between a scheme and this host: credentials, or the hosts before it in a list.
const SCHEME_BEFORE = /([A-Za-z][A-Za-z0-9+._]*):\/\/(?:[^\s/]*[@,])?$/;

/** The protocol that a URL's scheme means, as PortSpec names it; `tcp` when it means none of them. */
export function protocolOfScheme(scheme: string | null): string {
  const name = scheme?.toLowerCase() ?? '';
  return PROTOCOLS.find(([pattern]) => pattern.test(name))?.[1] ?? 'tcp';
}

/** Whether who calls by this address expects to be answered by that very name: a proxy in between has another. */
export function isNameChecked(scheme: string | null, value: string): boolean {
  return ENCRYPTED.test(scheme ?? '') || CHECKS_HOST.test(value);
}

/** Every `host:port` in a value (URLs, lists, plain addresses), and hosts of URLs whose scheme implies a port; in order. */
export function findAddresses(value: string): Address[] {
  if (value.length > LONGEST_VALUE) return [];
  const found: Address[] = [];
  for (const match of value.matchAll(EXPLICIT)) {
    const [whole, host = '', digits = ''] = match;
    const port = Number(digits);
    if (port < 1 || port > 65_535) continue;
    const before = value.slice(Math.max(0, match.index - LONGEST_PREFIX), match.index);
    const scheme = SCHEME_BEFORE.exec(before)?.[1] ?? null;
    found.push({ host, port, scheme, start: match.index, end: match.index + whole.length });
  }
  for (const match of value.matchAll(IMPLIED)) {
    const [whole, scheme = '', host = ''] = match;
    const port = IMPLIED_PORTS[scheme.toLowerCase()];
    if (port === undefined) continue;
    const end = match.index + whole.length;
    found.push({ host, port, scheme, start: end - host.length, end });
  }
  return found.toSorted((a, b) => a.start - b.start);
}
