import { number, port, readConfig, url } from '../../../lib/config.ts';
import { createGrpcServer, RpcError } from '../../../lib/grpc.ts';
import { createPool, migrate, postgresCheck } from '../../../lib/postgres.ts';
import { runService } from '../../../lib/service.ts';
import { SKUS } from '../../../lib/skus.ts';
import type { InventoryMethods, StockLine } from '../../../protos/inventory.ts';
import { loadStock, releaseOrder, reserveForOrder } from './reservations.ts';
import { seedStock, startRestocking } from './restock.ts';
import { MIGRATIONS } from './schema.ts';

const config = readConfig({
  port: port('PORT', 7005),
  grpcPort: port('GRPC_PORT', 7105),
  databaseUrl: url('DATABASE_URL'),
  poolSize: number('DATABASE_POOL', { min: 1, max: 100, fallback: 8 }),
});
const pool = createPool(config.databaseUrl, { max: config.poolSize });
const server = createGrpcServer();
let stopRestocking = (): void => undefined;

server.add<InventoryMethods>('inventory.proto', 'shop.inventory.v1.Inventory', {
  reserve: async ({ orderId, lines }) => {
    checkOrder(orderId);
    checkLines(lines);
    return reserveForOrder(pool, orderId, lines);
  },
  release: async ({ orderId }) => {
    checkOrder(orderId);
    return { released: await releaseOrder(pool, orderId) };
  },
  getStock: async ({ skus }) => ({ stock: await loadStock(pool, skus) }),
});

function checkOrder(orderId: string): void {
  if (orderId === '') throw new RpcError('INVALID_ARGUMENT', 'order_id is empty');
}

function checkLines(lines: StockLine[]): void {
  if (lines.length === 0) throw new RpcError('INVALID_ARGUMENT', 'an order needs at least one line');
  const odd = lines.find((line) => line.sku === '' || line.quantity <= 0);
  if (odd !== undefined) throw new RpcError('INVALID_ARGUMENT', `a line of ${odd.quantity} of "${odd.sku}" is no line`);
}

void runService({
  name: 'inventory',
  port: config.port,
  ready: { postgres: postgresCheck(pool) },
  http: (app) => {
    app.get('/stock', async () => ({ stock: await loadStock(pool, []) }));
  },
  start: async () => {
    await migrate(pool, MIGRATIONS);
    await seedStock(pool, SKUS);
    stopRestocking = startRestocking(pool);
    await server.listen(config.grpcPort);
  },
  stop: async () => {
    stopRestocking();
    await server.close();
    await pool.end();
  },
});
