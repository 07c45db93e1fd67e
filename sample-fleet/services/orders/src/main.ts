import { addresses, number, onOff, port, readConfig, text, url } from '../../../lib/config.ts';
import {
  createKafka,
  createProducer,
  ensureTopics,
  type MessageConsumer,
  type MessageProducer,
  startConsumer,
} from '../../../lib/kafka.ts';
import { SHIPPING_QUEUE, TOPICS } from '../../../lib/messages.ts';
import { createPool, migrate, postgresCheck } from '../../../lib/postgres.ts';
import { openRabbit, queueProducer } from '../../../lib/rabbitmq.ts';
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
  // RabbitMQ for the shipping jobs, such as amqp://user:password@host:5672. Empty: they go to a Kafka topic.
  workQueueUrl: url('WORK_QUEUE_URL', ''),
  inventory: text('INVENTORY_ADDR'),
  payments: text('PAYMENTS_ADDR'),
  circuitBreaker: onOff('CIRCUIT_BREAKER', true),
});
const pool = createPool(config.databaseUrl, { max: config.poolSize });
const kafka = createKafka(config.kafkaBrokers, 'orders');
const steps = connectSteps(config);
const store = new OrderStore(pool, (topics) => {
  for (const relay of relays) relay.wake(topics);
});
const runner = new SagaRunner(pool, store, steps.perform);
const producers: MessageProducer[] = [];
const relays: OutboxRelay[] = [];
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
    const jobTopics = config.workQueueUrl === '' ? [TOPICS.shippingJobs] : [];
    const topics = [TOPICS.orderEvents, ...jobTopics];
    await ensureTopics(kafka, [...topics, TOPICS.shippingEvents]);
    relay(await createProducer(kafka), topics);
    // Orders do without this broker for a while: the outbox keeps the jobs. So it is neither waited for nor a reason to be
    // unready.
    if (config.workQueueUrl !== '')
      relay(queueProducer(openRabbit(config.workQueueUrl, 'orders', SHIPPING_QUEUE)), [SHIPPING_QUEUE.queue]);
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
    await Promise.all(relays.map((one) => one.stop()));
    await Promise.all(producers.map((one) => one.disconnect()));
    steps.close();
    await pool.end();
  },
});

function relay(producer: MessageProducer, topics: readonly string[]): void {
  const started = new OutboxRelay(pool, producer, topics);
  started.start();
  producers.push(producer);
  relays.push(started);
}
