/** Systems by the names that OpenTelemetry's semantic conventions give them in db.system(.name), messaging.system, rpc.system. */
const messaging = new Set([
  'kafka',
  'rabbitmq',
  'activemq',
  'nats',
  'pulsar',
  'rocketmq',
  'jms',
  'mqtt',
  'servicebus',
  'eventhubs',
  'aws_sqs',
  'aws.sns',
  'aws_sns',
  'gcp_pubsub',
  'aws.kinesis',
  'aws_kinesis',
  'bullmq',
  'sqs',
]);
const rpc = new Set([
  'grpc',
  'connect_rpc',
  'connectrpc',
  'dubbo',
  'apache_dubbo',
  'dotnet_wcf',
  'java_rmi',
  'jsonrpc',
  'aws-api',
  'trpc',
]);
const caches = new Set(['redis', 'memcached', 'valkey', 'hazelcast']);
/** Messaging where the destination is a queue that workers share rather than a log that is read again. */
const queues = new Set(['rabbitmq', 'activemq', 'jms', 'servicebus', 'aws_sqs', 'sqs', 'bullmq']);

export type SystemKind = 'messaging' | 'rpc' | 'cache' | 'database' | 'none';

/** What kind of thing a system is; what is not known to be something else is a database, of which there are the most. */
export function systemKind(system: string): SystemKind {
  if (system === '') return 'none';
  if (messaging.has(system)) return 'messaging';
  if (rpc.has(system)) return 'rpc';
  return caches.has(system) ? 'cache' : 'database';
}

export function isQueueSystem(system: string): boolean {
  return queues.has(system);
}

const sqlList = (names: ReadonlySet<string>): string => [...names].map((name) => `'${name}'`).join(', ');

/** The names of messaging systems as an SQL list. */
export const messagingSql = sqlList(messaging);
/** The names of RPC systems as an SQL list. */
export const rpcSql = sqlList(rpc);

const protocols: Readonly<Record<string, string>> = {
  postgresql: 'postgres',
  rabbitmq: 'amqp',
  'microsoft.sql_server': 'mssql',
  connect_rpc: 'connect',
  connectrpc: 'connect',
};

/** The protocol's name as fleet files have it: `postgres`, `kafka`, `amqp`, `grpc`. */
export function protocolOfSystem(system: string): string {
  return protocols[system] ?? system;
}

const productNames: Readonly<Record<string, string>> = {
  postgres: 'PostgreSQL',
  postgresql: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  mongodb: 'MongoDB',
  redis: 'Redis',
  kafka: 'Kafka',
  amqp: 'RabbitMQ',
  rabbitmq: 'RabbitMQ',
};

/** The name that people know it by: `PostgreSQL` for `postgres`. */
export function productName(protocolOrSystem: string): string {
  return productNames[protocolOrSystem] ?? protocolOrSystem;
}
