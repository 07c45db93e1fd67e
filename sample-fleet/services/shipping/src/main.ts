import { addresses, number, port, readConfig, url } from '../../../lib/config.ts';
import { instanceId } from '../../../lib/instance.ts';
import { createKafka, createProducer, ensureTopics, type MessageProducer } from '../../../lib/kafka.ts';
import { readMessage, SHIPPING_QUEUE, type ShippingJob, TOPICS } from '../../../lib/messages.ts';
import { createPool, migrate, postgresCheck } from '../../../lib/postgres.ts';
import { openRabbit, type Rabbit } from '../../../lib/rabbitmq.ts';
import { runService } from '../../../lib/service.ts';
import { KafkaWorkQueue } from './kafka-work-queue.ts';
import { createPackingMachine } from './packing-machine.ts';
import { ParcelWorker } from './parcels.ts';
import { createParcelStore } from './postgres-parcel-store.ts';
import { RabbitmqWorkQueue } from './rabbitmq-work-queue.ts';
import { MIGRATIONS } from './schema.ts';
import type { WorkQueue } from './work-queue.ts';

/** Each takes a connection of the database for a moment. */
const JOBS_AT_ONCE = 3;

const config = readConfig({
  port: port('PORT', 7007),
  databaseUrl: url('DATABASE_URL'),
  kafkaBrokers: addresses('KAFKA_BROKERS'),
  // RabbitMQ, such as amqp://user:password@host:5672. Empty: the jobs come on a Kafka topic.
  workQueueUrl: url('WORK_QUEUE_URL', ''),
  jamRate: number('PACKING_JAM_RATE', { min: 0, max: 1, fallback: 0.1 }),
});
const pool = createPool(config.databaseUrl, { max: 4 });
const kafka = createKafka(config.kafkaBrokers, 'shipping');
const rabbit = config.workQueueUrl === '' ? undefined : openRabbit(config.workQueueUrl, 'shipping', SHIPPING_QUEUE);
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
    const jobTopics = rabbit === undefined ? [TOPICS.shippingJobs, TOPICS.shippingJobsDead] : [];
    await ensureTopics(kafka, [...jobTopics, TOPICS.shippingEvents]);
    const sender = await createProducer(kafka);
    producer = sender;
    queue = createQueue(sender, rabbit);
    const worker = new ParcelWorker(
      createParcelStore(pool, instanceId()),
      createPackingMachine(config.jamRate),
      (topic, key, message) => sender.send(topic, [{ key, value: message }]),
    );
    await queue.consume(worker);
  },
  stop: async () => {
    await queue?.close();
    await rabbit?.close();
    await producer?.disconnect();
    await pool.end();
  },
});

function createQueue(sender: MessageProducer, broker: Rabbit | undefined): WorkQueue<ShippingJob> {
  const parse = (value: unknown) => readMessage<ShippingJob>(value, ['orderId', 'customerId']);
  if (broker !== undefined)
    return new RabbitmqWorkQueue({ rabbit: broker, layout: SHIPPING_QUEUE, concurrency: JOBS_AT_ONCE, parse });
  return new KafkaWorkQueue({
    kafka,
    producer: sender,
    groupId: 'shipping',
    topic: TOPICS.shippingJobs,
    deadTopic: TOPICS.shippingJobsDead,
    parse,
  });
}
