import type { Attributes, LogLevel, SpanKind } from '../../../../main/contract/index.ts';

/** A span of a journey, and what it causes. Times are means; each trace varies them. */
export interface Step {
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Own work before, between and after the children. */
  readonly selfMs: number;
  readonly children?: readonly Step[];
  /** Begins after the parent ended: a consumer of what it published. */
  readonly laterMs?: number;
  readonly attributes?: Attributes;
  readonly log?: { readonly level: LogLevel; readonly message: string };
  /** The service outside of the fleet or inside that answers; when it is down the step fails. */
  readonly peer?: string;
}

export interface Journey {
  readonly weight: number;
  readonly root: Step;
}

const serve = (
  service: string,
  name: string,
  selfMs: number,
  children: readonly Step[] = [],
  log?: Step['log'],
): Step => ({
  service,
  name,
  kind: 'server',
  selfMs,
  children,
  ...(log ? { log } : {}),
  attributes:
    name.includes('/') && !name.includes('.')
      ? {
          'http.request.method': name.split(' ')[0] ?? 'GET',
          'http.route': name.split(' ')[1] ?? '/',
          'http.response.status_code': 200,
        }
      : { 'rpc.system': 'grpc', 'rpc.method': name },
});
const call = (service: string, name: string, peer: string, inner: Step): Step => ({
  service,
  name,
  kind: 'client',
  selfMs: 0.6,
  children: [inner],
  peer,
  attributes: { 'server.address': peer },
});
const sql = (service: string, name: string, selfMs: number): Step => ({
  service,
  name,
  kind: 'client',
  selfMs,
  peer: 'postgres',
  attributes: { 'db.system.name': 'postgresql', 'db.namespace': service, 'db.query.text': `${name} …` },
});
const redis = (service: string, name: string, selfMs = 0.4): Step => ({
  service,
  name,
  kind: 'client',
  selfMs,
  peer: 'redis',
  attributes: { 'db.system.name': 'redis', 'db.operation.name': name.split(' ')[0] ?? name },
});
const publish = (service: string, topic: string, consumers: readonly Step[]): Step => ({
  service,
  name: `send ${topic}`,
  kind: 'producer',
  selfMs: 1.2,
  children: consumers,
  peer: 'kafka',
  attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': topic },
});
const consume = (
  service: string,
  topic: string,
  selfMs: number,
  laterMs: number,
  children: readonly Step[] = [],
  log?: Step['log'],
): Step => ({
  service,
  name: `process ${topic}`,
  kind: 'consumer',
  selfMs,
  laterMs,
  children,
  ...(log ? { log } : {}),
  attributes: {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    'messaging.operation.name': 'process',
  },
});

const browse = serve('gateway', 'GET /products', 2, [
  call(
    'gateway',
    'GET',
    'catalog',
    serve('catalog', 'GET /products', 1.4, [redis('catalog', 'GET products:page')], {
      level: 'info',
      message: 'page of 24 products from cache',
    }),
  ),
]);
const product = serve('gateway', 'GET /products/:id', 1.6, [
  call(
    'gateway',
    'GET',
    'catalog',
    serve(
      'catalog',
      'GET /products/:id',
      1.2,
      [redis('catalog', 'GET product'), sql('catalog', 'SELECT products', 1.4), redis('catalog', 'SETEX product')],
      { level: 'debug', message: 'cache miss, read from the replica' },
    ),
  ),
]);
const addToCart = serve('gateway', 'POST /cart/items', 1.8, [
  call(
    'gateway',
    'POST',
    'cart',
    serve(
      'cart',
      'POST /items',
      0.8,
      [
        call(
          'cart',
          'shop.Catalog/GetPrice',
          'catalog',
          serve('catalog', 'shop.Catalog/GetPrice', 0.6, [redis('catalog', 'GET price')]),
        ),
        redis('cart', 'HSET cart'),
      ],
      { level: 'info', message: 'item added, cart expires in 30 min' },
    ),
  ),
]);
const ship = consume(
  'shipping',
  'order-events',
  2,
  9,
  [
    sql('shipping', 'INSERT parcels', 1.5),
    publish('shipping', 'shipping-jobs', [
      consume(
        'shipping',
        'shipping-jobs',
        14,
        12,
        [
          sql('shipping', 'UPDATE parcels', 1.3),
          publish('shipping', 'shipping-events', [
            consume('notifications', 'shipping-events', 1, 6, [], {
              level: 'info',
              message: 'told the customer that the parcel is on its way',
            }),
          ]),
        ],
        { level: 'info', message: 'parcel packed and handed over' },
      ),
    ]),
  ],
  { level: 'info', message: 'parcel planned' },
);
const order = serve(
  'gateway',
  'POST /orders',
  3,
  [
    call('gateway', 'GET', 'identity', serve('identity', 'GET /jwks', 1.4)),
    call(
      'gateway',
      'POST',
      'orders',
      serve(
        'orders',
        'POST /orders',
        3,
        [
          sql('orders', 'INSERT events', 2.1),
          call(
            'orders',
            'shop.Inventory/Reserve',
            'inventory',
            serve('inventory', 'shop.Inventory/Reserve', 1.1, [sql('inventory', 'UPDATE stock', 1.6)], {
              level: 'info',
              message: 'reserved 2 of 140',
            }),
          ),
          call(
            'orders',
            'shop.Payments/Charge',
            'payments',
            serve(
              'payments',
              'shop.Payments/Charge',
              2.2,
              [
                sql('payments', 'SELECT idempotency_keys', 1.1),
                {
                  service: 'payments',
                  name: 'POST bank',
                  kind: 'client',
                  selfMs: 96,
                  peer: 'bank',
                  attributes: { 'server.address': 'bank', 'http.response.status_code': 200 },
                },
                sql('payments', 'INSERT charges', 1.4),
              ],
              { level: 'info', message: 'charge accepted' },
            ),
          ),
          sql('orders', 'INSERT outbox', 1.6),
          publish('orders', 'order-events', [
            ship,
            consume(
              'notifications',
              'order-events',
              1.2,
              4,
              [publish('notifications', 'customer-messages', [consume('gateway', 'customer-messages', 0.8, 3)])],
              { level: 'info', message: 'order confirmation queued' },
            ),
            consume('analytics', 'order-events', 2, 11, [sql('analytics', 'UPSERT sales_by_minute', 1.7)]),
          ]),
        ],
        { level: 'info', message: 'order confirmed' },
      ),
    ),
  ],
  { level: 'info', message: 'POST /orders 201' },
);

export const JOURNEYS: readonly Journey[] = [
  { weight: 0.42, root: browse },
  { weight: 0.24, root: product },
  { weight: 0.18, root: addToCart },
  { weight: 0.16, root: order },
];
