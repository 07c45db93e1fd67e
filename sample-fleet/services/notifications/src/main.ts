import { addresses, port, readConfig } from '../../../lib/config.ts';
import {
  createKafka,
  createProducer,
  ensureTopics,
  type MessageConsumer,
  type MessageProducer,
  startConsumer,
} from '../../../lib/kafka.ts';
import { TOPICS } from '../../../lib/messages.ts';
import { runService } from '../../../lib/service.ts';
import { notify } from './notify.ts';

const config = readConfig({
  port: port('PORT', 7008),
  kafkaBrokers: addresses('KAFKA_BROKERS'),
});
const kafka = createKafka(config.kafkaBrokers, 'notifications');
let producer: MessageProducer | undefined;
let consumer: MessageConsumer | undefined;

void runService({
  name: 'notifications',
  port: config.port,
  ready: { kafka: async () => consumer?.check() },
  start: async () => {
    await ensureTopics(kafka, [TOPICS.orderEvents, TOPICS.shippingEvents, TOPICS.customerMessages]);
    const sender = await createProducer(kafka);
    producer = sender;
    consumer = await startConsumer({
      kafka,
      groupId: 'notifications',
      topics: [TOPICS.orderEvents, TOPICS.shippingEvents],
      handle: (message) =>
        notify(message, (told) => sender.send(TOPICS.customerMessages, [{ key: told.customerId, value: told }])),
    });
  },
  stop: async () => {
    await consumer?.stop();
    await producer?.disconnect();
  },
});
