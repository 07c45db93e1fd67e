import { addresses, number, port, readConfig, url } from '../../../lib/config.ts';
import { createKafka, createProducer, ensureTopics, type MessageProducer } from '../../../lib/kafka.ts';
import { readMessage, type ShippingJob, TOPICS } from '../../../lib/messages.ts';
import { createPool, migrate, postgresCheck } from '../../../lib/postgres.ts';
import { runService } from '../../../lib/service.ts';
import { KafkaWorkQueue } from './kafka-work-queue.ts';
import { createPackingMachine } from './packing-machine.ts';
import { ParcelWorker } from './parcels.ts';
import { createParcelStore } from './postgres-parcel-store.ts';
import { MIGRATIONS } from './schema.ts';
import type { WorkQueue } from './work-queue.ts';

const config = readConfig({
  port: port('PORT', 7007),
  databaseUrl: url('DATABASE_URL'),
  kafkaBrokers: addresses('KAFKA_BROKERS'),
  jamRate: number('PACKING_JAM_RATE', { min: 0, max: 1, fallback: 0.1 }),
});
const pool = createPool(config.databaseUrl, { max: 4 });
const kafka = createKafka(config.kafkaBrokers, 'shipping');
let producer: MessageProducer | undefined;
let queue: WorkQueue<ShippingJob> | undefined;

void runService({
  name: 'shipping',
  port: config.port,
  ready: {
    postgres: postgresCheck(pool),
    queue: async () => queue?.check(),
  },
  start: async () => {
    await migrate(pool, MIGRATIONS);
    await ensureTopics(kafka, [TOPICS.shippingJobs, TOPICS.shippingJobsDead, TOPICS.shippingEvents]);
    const sender = await createProducer(kafka);
    producer = sender;
    queue = new KafkaWorkQueue<ShippingJob>({
      kafka,
      producer: sender,
      groupId: 'shipping',
      topic: TOPICS.shippingJobs,
      deadTopic: TOPICS.shippingJobsDead,
      parse: (value) => readMessage<ShippingJob>(value, ['orderId', 'customerId']),
    });
    const worker = new ParcelWorker(
      createParcelStore(pool, `worker-${process.pid}`),
      createPackingMachine(config.jamRate),
      (topic, key, message) => sender.send(topic, [{ key, value: message }]),
    );
    await queue.consume(worker);
  },
  stop: async () => {
    await queue?.close();
    await producer?.disconnect();
    await pool.end();
  },
});
