import type { ServiceKind } from '../../../contract/index.ts';

/** What an image is known to be: what it is for, and the port that it listens on without being told. */
interface KnownImage {
  readonly names: readonly string[];
  readonly kind: ServiceKind;
  readonly protocol: string;
  readonly port: number;
  /** What some of its tags listen on besides. */
  readonly also?: { readonly tag: RegExp; readonly name: string; readonly protocol: string; readonly port: number };
}

const KNOWN: readonly KnownImage[] = [
  {
    names: ['postgres', 'postgresql', 'postgis', 'timescaledb', 'timescaledb-ha', 'pgvector'],
    kind: 'database',
    protocol: 'postgres',
    port: 5432,
  },
  { names: ['cockroach'], kind: 'database', protocol: 'postgres', port: 26_257 },
  { names: ['mysql', 'mariadb', 'percona', 'mysql-server'], kind: 'database', protocol: 'tcp', port: 3306 },
  { names: ['mongo', 'mongodb'], kind: 'database', protocol: 'tcp', port: 27_017 },
  { names: ['cassandra', 'scylla'], kind: 'database', protocol: 'tcp', port: 9042 },
  { names: ['clickhouse', 'clickhouse-server'], kind: 'database', protocol: 'http', port: 8123 },
  { names: ['elasticsearch', 'opensearch'], kind: 'database', protocol: 'http', port: 9200 },
  { names: ['kafka', 'kafka-native', 'cp-kafka', 'redpanda'], kind: 'broker', protocol: 'kafka', port: 9092 },
  { names: ['nats', 'nats-streaming'], kind: 'broker', protocol: 'tcp', port: 4222 },
  { names: ['pulsar'], kind: 'broker', protocol: 'tcp', port: 6650 },
  {
    names: ['redis', 'redis-stack', 'redis-stack-server', 'valkey', 'keydb', 'dragonfly'],
    kind: 'cache',
    protocol: 'redis',
    port: 6379,
  },
  { names: ['memcached'], kind: 'cache', protocol: 'tcp', port: 11_211 },
  {
    names: ['rabbitmq'],
    kind: 'queue',
    protocol: 'amqp',
    port: 5672,
    also: { tag: /management/, name: 'management', protocol: 'http', port: 15_672 },
  },
  {
    names: ['activemq', 'activemq-classic', 'artemis', 'activemq-artemis'],
    kind: 'queue',
    protocol: 'tcp',
    port: 61_616,
  },
];

/** What is known of an image by the last part of its name, whoever made it; null when nothing is. */
export function knownImage(image: string | null): KnownImage | null {
  if (image === null) return null;
  const [path = ''] = image.split('@');
  const name = (path.split('/').at(-1) ?? '').replace(/:.*$/, '').toLowerCase();
  const found = KNOWN.find((known) => known.names.includes(name)) ?? null;
  if (found?.also === undefined || found.also.tag.test(image.split(':').at(-1) ?? '')) return found;
  const { also: _otherTags, ...rest } = found;
  return rest;
}
