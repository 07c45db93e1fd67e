import type { NodeKind, ServiceKind } from '../../../../main/contract/index.ts';

export interface ShopService {
  readonly id: string;
  readonly kind: ServiceKind;
  readonly detail: string;
  readonly description: string;
  readonly dependsOn: readonly string[];
  readonly ports: readonly { name: string; port: number; protocol: string }[];
  readonly replicas: number;
  readonly memoryMb: number;
  readonly cpuPercent: number;
}

const http = (port: number) => ({ name: 'http', port, protocol: 'http' });
const grpc = (port: number) => ({ name: 'grpc', port, protocol: 'grpc' });

function service(
  id: string,
  detail: string,
  description: string,
  dependsOn: readonly string[],
  ports: ShopService['ports'],
  more: Partial<ShopService> = {},
): ShopService {
  return {
    id,
    kind: 'service',
    detail,
    description,
    dependsOn,
    ports,
    replicas: 1,
    memoryMb: 78,
    cpuPercent: 2.4,
    ...more,
  };
}

/** The services of sample-fleet/compose.yaml, as the console's tests know them. */
export const SHOP: readonly ShopService[] = [
  service(
    'gateway',
    'REST, GraphQL, WebSocket',
    'The front door: REST, GraphQL and WebSocket; checks tokens, limits rates, breaks circuits.',
    ['identity', 'catalog', 'cart', 'orders', 'kafka'],
    [http(7000)],
    { cpuPercent: 9.1, memoryMb: 112 },
  ),
  service(
    'identity',
    'OAuth 2, OpenID Connect',
    'OAuth 2 and OpenID Connect: client credentials, authorization code with PKCE, rotating keys.',
    [],
    [http(7001)],
  ),
  service(
    'catalog',
    'REST, gRPC',
    'Products by REST and gRPC; cache-aside in Redis, reads from a replica.',
    ['postgres', 'redis'],
    [http(7002), grpc(7102)],
    { cpuPercent: 5.2 },
  ),
  service('cart', 'REST', 'Carts in Redis that expire when nobody touches them.', ['redis', 'catalog'], [http(7003)]),
  service(
    'orders',
    'REST, event sourced',
    'Event-sourced orders, commands and queries apart, an outbox, a saga with compensations.',
    ['postgres', 'kafka', 'inventory', 'payments'],
    [http(7004)],
    { cpuPercent: 6.8, memoryMb: 104 },
  ),
  service(
    'inventory',
    'gRPC',
    'Stock and reservations by gRPC; optimistic locking; releases what a failed saga reserved.',
    ['postgres'],
    [http(7005), grpc(7105)],
  ),
  service(
    'payments',
    'gRPC',
    'Charges by gRPC, once per idempotency key; retries and a bulkhead before a flaky bank.',
    ['postgres'],
    [http(7006), grpc(7106)],
  ),
  service(
    'shipping',
    '2 workers',
    'Two workers compete for parcels; what fails three times goes to the dead letters.',
    ['postgres', 'kafka'],
    [http(7007)],
    { replicas: 2 },
  ),
  service(
    'notifications',
    'Kafka consumer',
    'Turns what happened into messages for the customer.',
    ['kafka'],
    [http(7008)],
  ),
  service(
    'analytics',
    'Kafka consumer',
    'A read model from the stream of orders: sales by minute and by product, eventually consistent.',
    ['postgres', 'kafka'],
    [http(7009)],
  ),
  service(
    'traffic',
    'shoppers',
    'Shoppers who browse, add to the cart and buy; a dial sets how many.',
    ['gateway'],
    [http(7010)],
    { cpuPercent: 3.9 },
  ),
  service(
    'postgres',
    'PostgreSQL 18',
    'One server; a database and a role for each service.',
    [],
    [{ name: 'postgres', port: 5432, protocol: 'postgres' }],
    { kind: 'database', memoryMb: 164, cpuPercent: 7.7 },
  ),
  service(
    'kafka',
    'embedded broker',
    'The log that services tell each other through what happened.',
    [],
    [{ name: 'kafka', port: 9092, protocol: 'kafka' }],
    { kind: 'broker', memoryMb: 96, cpuPercent: 4.4 },
  ),
  service(
    'redis',
    'embedded',
    'Carts, and products that were read lately.',
    [],
    [{ name: 'redis', port: 6379, protocol: 'redis' }],
    { kind: 'cache', memoryMb: 41, cpuPercent: 1.3 },
  ),
];

export interface ShopResource {
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
  readonly detail: string;
  readonly parent: string | null;
}

const topic = (name: string, detail = '3 partitions'): ShopResource => ({
  id: `kafka/${name}`,
  kind: 'topic',
  label: name,
  detail,
  parent: 'kafka',
});
const database = (name: string): ShopResource => ({
  id: `postgres/${name}`,
  kind: 'database',
  label: `${name} db`,
  detail: '',
  parent: 'postgres',
});

export const RESOURCES: readonly ShopResource[] = [
  topic('order-events'),
  topic('shipping-jobs'),
  topic('shipping-jobs-dead', '1 partition'),
  topic('shipping-events'),
  topic('customer-messages'),
  database('catalog'),
  database('orders'),
  database('inventory'),
  database('payments'),
  database('shipping'),
  database('analytics'),
  { id: 'bank', kind: 'external', label: 'bank', detail: 'outside', parent: null },
];

export interface ShopEdge {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  /** Calls for each journey of a shopper. */
  readonly perJourney: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly errorRate?: number;
  readonly lag?: number;
}

const edge = (
  from: string,
  to: string,
  protocol: string,
  perJourney: number,
  p50Ms: number,
  p95Ms: number,
  more: Partial<ShopEdge> = {},
): ShopEdge => ({ from, to, protocol, perJourney, p50Ms, p95Ms, ...more });

/** Who calls whom. The bank behind payments is the slow edge. */
export const EDGES: readonly ShopEdge[] = [
  edge('traffic', 'gateway', 'http', 4, 12, 46),
  edge('traffic', 'identity', 'http', 0.1, 4, 9),
  edge('gateway', 'identity', 'http', 0.14, 3, 8),
  edge('gateway', 'catalog', 'http', 2.4, 4, 11),
  edge('gateway', 'cart', 'http', 0.9, 2, 5),
  edge('gateway', 'orders', 'http', 0.5, 120, 480, { errorRate: 0.008 }),
  edge('gateway', 'analytics', 'http', 0.05, 6, 14),
  edge('catalog', 'redis', 'redis', 2.4, 0.4, 1.1),
  edge('catalog', 'postgres/catalog', 'postgres', 0.25, 1.4, 3.2),
  edge('cart', 'redis', 'redis', 0.9, 0.4, 1),
  edge('cart', 'catalog', 'grpc', 0.4, 2, 5),
  edge('orders', 'postgres/orders', 'postgres', 1.7, 1.6, 4.1),
  edge('orders', 'inventory', 'grpc', 0.5, 4, 9),
  edge('orders', 'payments', 'grpc', 0.5, 96, 410, { errorRate: 0.02 }),
  edge('orders', 'kafka/order-events', 'kafka', 1, 1.2, 2.4),
  edge('inventory', 'postgres/inventory', 'postgres', 1, 1.2, 3),
  edge('payments', 'postgres/payments', 'postgres', 1, 1.1, 2.8),
  edge('payments', 'bank', 'http', 0.52, 88, 390, { errorRate: 0.03 }),
  edge('kafka/order-events', 'shipping', 'kafka', 0.5, 3, 8, { lag: 0 }),
  edge('kafka/order-events', 'notifications', 'kafka', 1, 1, 3, { lag: 2 }),
  edge('kafka/order-events', 'analytics', 'kafka', 1, 2, 6, { lag: 14 }),
  edge('shipping', 'kafka/shipping-jobs', 'kafka', 0.5, 1.1, 2.2),
  edge('kafka/shipping-jobs', 'shipping', 'kafka', 0.5, 14, 38, { lag: 1 }),
  edge('shipping', 'kafka/shipping-jobs-dead', 'kafka', 0, 0, 0),
  edge('shipping', 'kafka/shipping-events', 'kafka', 0.5, 1.1, 2.1),
  edge('shipping', 'postgres/shipping', 'postgres', 1, 1.3, 3.1),
  edge('kafka/shipping-events', 'notifications', 'kafka', 0.5, 1, 3, { lag: 0 }),
  edge('notifications', 'kafka/customer-messages', 'kafka', 1, 1.1, 2.2),
  edge('kafka/customer-messages', 'gateway', 'kafka', 1, 1, 2, { lag: 0 }),
  edge('analytics', 'postgres/analytics', 'postgres', 1.1, 1.5, 3.6),
];
