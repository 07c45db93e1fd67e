import { number, port, readConfig, url } from '../../../lib/config.ts';
import { createGrpcServer, RpcError } from '../../../lib/grpc.ts';
import { createPool, migrate, postgresCheck } from '../../../lib/postgres.ts';
import { runService } from '../../../lib/service.ts';
import type { PaymentsMethods } from '../../../protos/payments.ts';
import { type Bank, connectBank } from './bank.ts';
import { BankSimulator } from './bank-simulator.ts';
import { pruneKeys } from './idempotency.ts';
import { charge, refund } from './payments.ts';
import { MIGRATIONS } from './schema.ts';

const PRUNE_MS = 60 * 60_000;

const config = readConfig({
  port: port('PORT', 7006),
  grpcPort: port('GRPC_PORT', 7106),
  databaseUrl: url('DATABASE_URL'),
  poolSize: number('DATABASE_POOL', { min: 1, max: 100, fallback: 8 }),
  bankErrorRate: number('BANK_ERROR_RATE', { min: 0, max: 1, fallback: 0.03 }),
  bankDeclineRate: number('BANK_DECLINE_RATE', { min: 0, max: 1, fallback: 0.02 }),
});
const pool = createPool(config.databaseUrl, { max: config.poolSize });
const simulator = new BankSimulator({
  errorRate: config.bankErrorRate,
  declineRate: config.bankDeclineRate,
  latencyMs: { min: 20, max: 60 },
});
const server = createGrpcServer();
let pruning: NodeJS.Timeout | undefined;

function offer(bank: Bank): void {
  server.add<PaymentsMethods>('payments.proto', 'shop.payments.v1.Payments', {
    charge: async (request) => {
      checkOrder(request.orderId);
      if (request.amountCents <= 0) throw new RpcError('INVALID_ARGUMENT', 'amount_cents must be more than 0');
      return charge(pool, bank, request);
    },
    refund: async (request) => {
      checkOrder(request.orderId);
      return refund(pool, bank, request);
    },
  });
}

function checkOrder(orderId: string): void {
  if (orderId === '') throw new RpcError('INVALID_ARGUMENT', 'order_id is empty');
}

void runService({
  name: 'payments',
  port: config.port,
  ready: { postgres: postgresCheck(pool) },
  start: async () => {
    await migrate(pool, MIGRATIONS);
    pruning = setInterval(() => void pruneKeys(pool).catch(() => undefined), PRUNE_MS);
    offer(connectBank(await simulator.listen()));
    await server.listen(config.grpcPort);
  },
  stop: async () => {
    clearInterval(pruning);
    await server.close();
    await simulator.close();
    await pool.end();
  },
});
