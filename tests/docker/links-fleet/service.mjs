// A service for links.test.ts: says who it is, and calls what its environment names when it is asked to.
import http from 'node:http';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';

const require = createRequire('/app/');
const { BACK_URL, DATABASE_URL, CACHE_URL, KAFKA_BROKERS, PORT } = process.env;

/** On a connection of its own. */
const get = (url) =>
  new Promise((done, fail) => {
    const request = http.get(url, { agent: false, timeout: 5000 }, async (response) => {
      done(Buffer.concat(await response.toArray()).toString());
    });
    request.on('error', fail).on('timeout', () => request.destroy(new Error('no answer')));
  });

let producer = null;
async function produce() {
  const { Kafka, logLevel } = require('kafkajs');
  const kafka = new Kafka({
    brokers: KAFKA_BROKERS.split(','),
    connectionTimeout: 2000,
    logLevel: logLevel.NOTHING,
    retry: { retries: 1, initialRetryTime: 50 },
  });
  if (producer === null) {
    const made = kafka.producer();
    await made.connect();
    producer = made;
  }
  const [{ partition }] = await producer.send({ topic: 'greetings', messages: [{ value: 'hello' }] });
  return `sent to partition ${partition}`;
}

const calls = {
  back: () => get(`${BACK_URL}/`),
  'back by name': () => get('http://back:7001/'),
  kafka: produce,
  async db() {
    const { Client } = require('pg');
    const client = new Client({ connectionString: DATABASE_URL });
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query('SELECT 1 + 1 AS two');
    await client.end();
    return `two is ${rows[0].two}`;
  },
  async cache() {
    const Redis = require('ioredis');
    const redis = new Redis(CACHE_URL, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
    let failure = null;
    redis.on('error', (error) => {
      failure = error;
    });
    try {
      await redis.connect();
      return await redis.ping();
    } catch (error) {
      throw failure ?? error;
    } finally {
      redis.disconnect();
    }
  },
};

const server = http.createServer(async (request, response) => {
  const what = new URL(request.url, 'http://any').searchParams.get('call');
  if (what === null) return response.end(hostname());
  try {
    response.end(JSON.stringify({ said: await calls[what]() }));
  } catch (error) {
    response.end(JSON.stringify({ failed: error.code ?? error.cause?.code ?? error.message }));
  }
});
server.listen(Number(PORT), '0.0.0.0');
process.on('SIGTERM', () => process.exit(0));
