import { messageOf } from '../../../lib/backoff.ts';
import { addresses, port, readConfig, url } from '../../../lib/config.ts';
import { createKafka, ensureTopics, type MessageConsumer, startConsumer } from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { TOPICS } from '../../../lib/messages.ts';
import { gauge } from '../../../lib/metrics.ts';
import { createPool, migrate, postgresCheck } from '../../../lib/postgres.ts';
import { runService } from '../../../lib/service.ts';
import { followOrder } from './follow-orders.ts';
import { prune, salesByMinute, salesByProduct } from './sales.ts';
import { MIGRATIONS } from './schema.ts';
import { TumblingWindows } from './windows.ts';

const WINDOW_MS = 10_000;
const LATENESS_MS = 5_000;
const PRUNE_MS = 10 * 60_000;

const config = readConfig({
  port: port('PORT', 7009),
  databaseUrl: url('DATABASE_URL'),
  kafkaBrokers: addresses('KAFKA_BROKERS'),
});
const pool = createPool(config.databaseUrl, { max: 4 });
const kafka = createKafka(config.kafkaBrokers, 'analytics');
const windows = new TumblingWindows({ sizeMs: WINDOW_MS, latenessMs: LATENESS_MS, keep: 60 });
const timers: NodeJS.Timeout[] = [];
let consumer: MessageConsumer | undefined;

gauge(
  'analytics.window_revenue',
  'Money taken within the last closed window of 10 s',
  () => {
    windows.advanceTo(Date.now() - WINDOW_MS - LATENESS_MS);
    const last = windows.closed().at(-1);
    return last === undefined ? [] : [{ value: last.revenueCents }];
  },
  'cent',
);

const LIMIT = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 1_440, default: 60 } },
};
interface Limited {
  Querystring: { limit: number };
}

void runService({
  name: 'analytics',
  port: config.port,
  ready: {
    postgres: postgresCheck(pool),
    kafka: async () => consumer?.check(),
  },
  http: (app) => {
    app.get<Limited>('/sales/minutes', { schema: { querystring: LIMIT } }, async ({ query }) => ({
      minutes: await salesByMinute(pool, query.limit),
    }));
    app.get<Limited>('/sales/products', { schema: { querystring: LIMIT } }, async ({ query }) => ({
      products: await salesByProduct(pool, query.limit),
    }));
    app.get('/sales/windows', async () => ({ sizeMs: WINDOW_MS, windows: windows.closed() }));
  },
  start: async () => {
    await migrate(pool, MIGRATIONS);
    await ensureTopics(kafka, [TOPICS.orderEvents]);
    consumer = await startConsumer({
      kafka,
      groupId: 'analytics',
      topics: [TOPICS.orderEvents],
      handle: (message) => followOrder(pool, windows, message),
    });
    timers.push(setInterval(() => prune(pool).catch(warnOfPruning), PRUNE_MS));
  },
  stop: async () => {
    for (const timer of timers) clearInterval(timer);
    await consumer?.stop();
    await pool.end();
  },
});

function warnOfPruning(error: unknown): void {
  log.warn({ reason: messageOf(error) }, 'old sales could not be pruned');
}
