// Sends to Kafka by one producer that stays connected: GET /produce gives `sent`, or how it failed.
const http = require('node:http');
const { Kafka, logLevel } = require('kafkajs');

const kafka = new Kafka({
  brokers: [process.env.KAFKA_BROKERS],
  logLevel: logLevel.NOTHING,
  connectionTimeout: 1000,
  requestTimeout: 1000,
  retry: { retries: 1, initialRetryTime: 50 },
});
const producer = kafka.producer({ allowAutoTopicCreation: true });

async function produce() {
  try {
    await producer.connect();
    await producer.send({ topic: 'things', messages: [{ value: 'one' }] });
    return 'sent';
  } catch (error) {
    return `failed: ${error.message}`;
  }
}

http
  .createServer(async (request, response) => {
    response.end(request.url === '/produce' ? await produce() : 'well');
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
