import { addresses, number, port, readConfig, text, url } from '../../../lib/config.ts';
import {
  createKafka,
  createProducer,
  ensureTopics,
  type MessageConsumer,
  type MessageProducer,
  startConsumer,
} from '../../../lib/kafka.ts';
import { TOPICS } from '../../../lib/messages.ts';
import { createPool, migrate, postgresCheck } from '../../../lib/postgres.ts';
import { runService } from '../../../lib/service.ts';
import { OrderStore } from './order-store.ts';
import { OutboxRelay } from './outbox-relay.ts';
import { handleParcel } from './parcels.ts';
import { placeOrder } from './place-order.ts';
import { addRoutes } from './routes.ts';
import { SagaRunner } from './saga-runner.ts';
import { connectSteps } from './saga-steps.ts';
import { MIGRATIONS } from './schema.ts';

const config = readConfig({
  port: port('PORT', 7004),
  databaseUrl: url('DATABASE_URL'),
  poolSize: number('DATABASE_POOL', { min: 2, max: 100, fallback: 10 }),
  kafkaBrokers: addresses('KAFKA_BROKERS'),
  inventory: text('INVENTORY_ADDR'),
  payments: text('PAYMENTS_ADDR'),
});
const pool = createPool(config.databaseUrl, { max: config.poolSize });
const kafka = createKafka(config.kafkaBrokers, 'orders');
const steps = connectSteps({ inventory: config.inventory, payments: config.payments });
const store = new OrderStore(pool, () => relay?.wake());
const runner = new SagaRunner(pool, store, steps.perform);
let producer: MessageProducer | undefined;
let relay: OutboxRelay | undefined;
let parcels: MessageConsumer | undefined;

void runService({
  name: 'orders',
  port: config.port,
  ready: {
    postgres: postgresCheck(pool),
    kafka: async () => parcels?.check(),
  },
  http: (app) => addRoutes(app, pool, (request) => placeOrder(store, runner, request)),
  start: async () => {
    await migrate(pool, MIGRATIONS);
    await ensureTopics(kafka, [TOPICS.orderEvents, TOPICS.shippingJobs, TOPICS.shippingEvents]);
    producer = await createProducer(kafka);
    relay = new OutboxRelay(pool, producer);
    relay.start();
    runner.start();
    parcels = await startConsumer({
      kafka,
      groupId: 'orders',
      topics: [TOPICS.shippingEvents],
      handle: (message) => handleParcel(store, () => runner.wake(), message),
    });
  },
  stop: async () => {
    await parcels?.stop();
    await runner.stop();
    await relay?.stop();
    await producer?.disconnect();
    steps.close();
    await pool.end();
  },
});
