import { address, number, onOff, port, readConfig, url } from '../../../lib/config.ts';
import { createGrpcClient, isRpcFailure } from '../../../lib/grpc.ts';
import { connectRedis, createRedis, redisCheck } from '../../../lib/redis.ts';
import { createResilience } from '../../../lib/resilience.ts';
import { runService } from '../../../lib/service.ts';
import type { CatalogMethods } from '../../../protos/catalog.ts';
import { Carts } from './carts.ts';
import { registerRest } from './rest.ts';

const config = readConfig({
  port: port('PORT', 7003),
  redisUrl: url('REDIS_URL'),
  catalogAddr: address('CATALOG_ADDR'),
  circuitBreaker: onOff('CIRCUIT_BREAKER', true),
  ttlS: number('CART_TTL_S', { min: 1, max: 30 * 86_400, fallback: 2 * 3_600 }),
});

const redis = createRedis(config.redisUrl);
const catalog = createGrpcClient<CatalogMethods>({
  proto: 'catalog.proto',
  service: 'shop.catalog.v1.Catalog',
  address: config.catalogAddr,
});
// Asking for a price changes nothing, so asking twice is safe.
const resilience = createResilience({
  name: 'catalog',
  timeoutMs: 1_000,
  retries: 2,
  breaker: config.circuitBreaker,
  isFailure: isRpcFailure,
});

runService({
  name: 'cart',
  port: config.port,
  ready: { redis: redisCheck(redis) },
  http: (app) => registerRest(app, new Carts(redis, config.ttlS), catalog, resilience),
  start: () => connectRedis(redis),
  stop: async () => {
    catalog.close();
    redis.disconnect();
  },
});
