import { port, readConfig, url } from '../../../lib/config.ts';
import { createGrpcServer } from '../../../lib/grpc.ts';
import { createPool, migrate, postgresCheck } from '../../../lib/postgres.ts';
import { connectRedis, createRedis } from '../../../lib/redis.ts';
import { runService } from '../../../lib/service.ts';
import { CacheAside } from './cache-aside.ts';
import { Catalog } from './catalog.ts';
import { Products } from './products.ts';
import { registerRest } from './rest.ts';
import { registerRpc } from './rpc.ts';
import { MIGRATIONS } from './schema.ts';
import { seedProducts } from './seed.ts';

const config = readConfig({
  port: port('PORT', 7002),
  grpcPort: port('GRPC_PORT', 7102),
  databaseUrl: url('DATABASE_URL'),
  replicaUrl: url('DATABASE_REPLICA_URL'),
  redisUrl: url('REDIS_URL'),
});
const PRODUCT_TTL_S = 60;
const LIST_TTL_S = 5;

const primary = createPool(config.databaseUrl, { max: 4 });
const replica = createPool(config.replicaUrl);
const redis = createRedis(config.redisUrl);
const catalog = new Catalog(
  new Products(primary, replica),
  new CacheAside(redis, 'catalog:product:', PRODUCT_TTL_S),
  new CacheAside(redis, 'catalog:list:', LIST_TTL_S),
);
const server = createGrpcServer();
registerRpc(server, catalog);

runService({
  name: 'catalog',
  port: config.port,
  // Redis is not among the checks: without it the catalog is slower and still right.
  ready: { primary: postgresCheck(primary), replica: postgresCheck(replica) },
  http: (app) => registerRest(app, catalog),
  start: async () => {
    await migrate(primary, MIGRATIONS);
    await seedProducts(primary);
    await connectRedis(redis);
    await server.listen(config.grpcPort);
  },
  stop: async () => {
    await server.close();
    redis.disconnect();
    await Promise.all([primary.end(), replica.end()]);
  },
});
