import { messageOf } from '../../../lib/backoff.ts';
import { addresses, number, onOff, port, readConfig, text, url, urls } from '../../../lib/config.ts';
import { instanceId } from '../../../lib/instance.ts';
import { createKafka } from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { runService } from '../../../lib/service.ts';
import { Downstream } from './downstream.ts';
import { registerGraphql } from './graphql.ts';
import { Pusher } from './push.ts';
import { limitRates, TokenBuckets } from './rate-limit.ts';
import { registerRest } from './rest.ts';
import { Shop } from './shop.ts';
import { createTokenChecker } from './tokens.ts';

const config = readConfig({
  port: port('PORT', 7000),
  identityUrl: url('IDENTITY_URL'),
  issuer: text('ISSUER', 'http://identity'),
  catalogUrls: urls('CATALOG_URL'),
  cartUrls: urls('CART_URL'),
  ordersUrls: urls('ORDERS_URL'),
  analyticsUrls: urls('ANALYTICS_URL'),
  brokers: addresses('KAFKA_BROKERS'),
  circuitBreaker: onOff('CIRCUIT_BREAKER', true),
  ratePerS: number('RATE_LIMIT_PER_S', { min: 1, max: 1e6, fallback: 20 }),
  burst: number('RATE_LIMIT_BURST', { min: 1, max: 1e6, fallback: 60 }),
});

const downstream = (name: string, urlsOfIt: string[], timeoutMs: number): Downstream =>
  new Downstream({ name, addresses: urlsOfIt, timeoutMs, circuitBreaker: config.circuitBreaker });

const shop = new Shop({
  catalog: downstream('catalog', config.catalogUrls, 1_500),
  cart: downstream('cart', config.cartUrls, 2_500),
  // An order waits for stock and payment before it is answered.
  orders: downstream('orders', config.ordersUrls, 6_000),
  analytics: downstream('analytics', config.analyticsUrls, 2_000),
});
const tokens = createTokenChecker(config.identityUrl, config.issuer);
const pusher = new Pusher(tokens);

runService({
  name: 'gateway',
  port: config.port,
  // The gateway stands before a load balancer of its own in the world outside: x-forwarded-for tells the shoppers apart.
  trustProxy: true,
  http: (app) => {
    limitRates(app, new TokenBuckets(config.ratePerS, config.burst));
    pusher.register(app);
    registerRest(app, shop, tokens);
    registerGraphql(app, shop, tokens);
  },
  start: async () => {
    // Not awaited: the shop sells while Kafka is away, only the pushes wait for it.
    const started = pusher.start(createKafka(config.brokers, 'gateway'), `gateway-push-${instanceId()}`);
    started.catch((error: unknown) => log.error({ reason: messageOf(error) }, 'no pushes: Kafka cannot be reached'));
  },
  stop: () => pusher.stop(),
});
