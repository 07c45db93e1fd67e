import { type ApiHandlers, FlotillaError, type KafkaProduce } from '../../contract/index.ts';
import { OffsetSpec } from '../kafka-protocol/index.ts';
import { browse } from './browse.ts';
import { BrokerUnreachableError, type Endpoint } from './client/broker-connection.ts';
import { BrokerRefusedError, KafkaClient, type TopicInfo } from './client/kafka-client.ts';
import { readGroups, viewGroup, viewGroupDetail } from './groups.ts';
import { RateWindow } from './rate-window.ts';
import { partitionForKey } from './records/murmur2.ts';
import { writeBatch } from './records/write-batch.ts';
import { endSums, ledPartitions, readNumbers, viewTopic, viewTopicDetail } from './topics.ts';

/** The broker of the fleet that runs, as seen from this machine. */
export interface KafkaBroker {
  /** The service's id, for what errors advise. */
  readonly service: string;
  /** `host:port` that this process can connect to. */
  readonly address: string;
  /** What topics are for, by name, from the fleet file. */
  readonly topicDescriptions: Readonly<Record<string, string>>;
}

export interface KafkaOptions {
  /** Asked at each call; null while there is no broker to ask. */
  broker(): KafkaBroker | null;
}

/** How far a group is behind on one topic, in messages. */
export interface GroupLag {
  readonly group: string;
  readonly topic: string;
  readonly lag: number;
}

export interface KafkaOverview {
  /** Of every group, by topic. */
  readonly lag: readonly GroupLag[];
  /** The number of partitions by topic. */
  readonly partitions: ReadonlyMap<string, number>;
}

type KafkaHandlers = Pick<
  ApiHandlers,
  'kafka.topics' | 'kafka.topic' | 'kafka.groups' | 'kafka.group' | 'kafka.messages' | 'kafka.produce'
>;

export interface Kafka {
  readonly handlers: KafkaHandlers;
  /** What a picture of the fleet needs, at most 2 s old. Empty while there is no broker, or none that answers. */
  overview(): Promise<KafkaOverview>;
  close(): Promise<void>;
}

const OVERVIEW_MAX_AGE_MS = 2000;
const RATE_WINDOW_MS = 15_000;
const SAMPLE_EVERY_MS = 10_000;

function parseAddress(address: string): Endpoint {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}

/** Keeps one client for as long as the broker's address stays, and turns its errors into ones that reach a person. */
class Session {
  readonly rates = new RateWindow(RATE_WINDOW_MS);
  private readonly options: KafkaOptions;
  private client: { readonly address: string; readonly kafka: KafkaClient } | null = null;

  constructor(options: KafkaOptions) {
    this.options = options;
  }

  get available(): boolean {
    return this.options.broker() !== null;
  }

  /** @throws FlotillaError KAFKA_NONE, KAFKA_UNREACHABLE, or BAD_REQUEST with what the broker refused. */
  async use<T>(work: (client: KafkaClient, broker: KafkaBroker) => Promise<T>): Promise<T> {
    const broker = this.options.broker();
    if (broker === null) throw new FlotillaError('KAFKA_NONE');
    try {
      return await work(this.clientOf(broker.address), broker);
    } catch (error) {
      if (error instanceof BrokerUnreachableError) {
        const { address, service } = broker;
        throw new FlotillaError('KAFKA_UNREACHABLE', { address, service, cause: error.message }, { cause: error });
      }
      if (error instanceof BrokerRefusedError) {
        throw new FlotillaError(
          'BAD_REQUEST',
          { detail: `the Kafka broker answered ${error.message}` },
          { cause: error },
        );
      }
      throw error;
    }
  }

  private clientOf(address: string): KafkaClient {
    if (this.client?.address !== address) {
      this.close();
      this.client = { address, kafka: new KafkaClient(parseAddress(address)) };
    }
    return this.client.kafka;
  }

  close(): void {
    this.client?.kafka.close();
    this.client = null;
    this.rates.clear();
  }
}

async function findTopic(client: KafkaClient, name: string): Promise<TopicInfo> {
  const topics = await client.topics();
  const found = topics.find((topic) => topic.name === name);
  if (found !== undefined) return found;
  const known = topics.map((topic) => topic.name).sort();
  throw new FlotillaError('KAFKA_TOPIC_UNKNOWN', { topic: name, known: known.join(', ') || 'none' });
}

function requirePartition(topic: TopicInfo, partition: number | undefined): void {
  if (partition === undefined || topic.partitions.some((known) => known.partition === partition)) return;
  const last = topic.partitions.length - 1;
  const detail = `${topic.name} has the partitions 0 to ${last}, not ${partition}`;
  throw new FlotillaError('BAD_REQUEST', { detail });
}

function choosePartition(topic: TopicInfo, asked: KafkaProduce): number {
  requirePartition(topic, asked.partition);
  if (asked.partition !== undefined) return asked.partition;
  const count = topic.partitions.length;
  return asked.key === null ? Math.floor(Math.random() * count) : partitionForKey(Buffer.from(asked.key), count);
}

async function produce(client: KafkaClient, asked: KafkaProduce): Promise<{ partition: number; offset: string }> {
  const topic = await findTopic(client, asked.topic);
  const partition = choosePartition(topic, asked);
  const leader = topic.partitions.find((known) => known.partition === partition)?.leader ?? -1;
  const batch = writeBatch({
    timestamp: Date.now(),
    key: asked.key === null ? null : Buffer.from(asked.key),
    value: asked.value === null ? null : Buffer.from(asked.value),
    headers: asked.headers.map(({ name, value }) => ({ name, value: Buffer.from(value) })),
  });
  const offset = await client.produce({ topic: topic.name, partition, leader }, batch);
  return { partition, offset: String(offset) };
}

function createHandlers(session: Session): KafkaHandlers {
  const describe = (broker: KafkaBroker, name: string) => ({
    description: broker.topicDescriptions[name] ?? '',
    ratePerSecond: session.rates.rate(name),
  });
  return {
    'kafka.topics': () =>
      session.use(async (client, broker) => {
        const topics = await client.topics();
        const numbers = await readNumbers(client, topics);
        session.rates.add(performance.now(), endSums(topics, numbers.latest));
        const views = topics.map((topic) => viewTopic(topic, numbers, describe(broker, topic.name)));
        return views.sort((a, b) => a.name.localeCompare(b.name));
      }),
    'kafka.topic': ({ topic: name }) =>
      session.use(async (client, broker) => {
        const topic = await findTopic(client, name);
        const [numbers, configs] = await Promise.all([readNumbers(client, [topic]), client.topicConfigs(name)]);
        return viewTopicDetail(topic, numbers, describe(broker, name), configs);
      }),
    'kafka.groups': () =>
      session.use(async (client) => {
        const groups = (await readGroups(client)).map(viewGroup);
        return groups.sort((a, b) => a.id.localeCompare(b.id));
      }),
    'kafka.group': ({ group }) =>
      session.use(async (client) => {
        const [reading] = await readGroups(client, group);
        if (reading === undefined) throw new FlotillaError('NOT_FOUND', { what: 'consumer group', name: group });
        return viewGroupDetail(reading);
      }),
    'kafka.messages': (query, signal) =>
      session.use(async (client) => {
        const topic = await findTopic(client, query.topic);
        requirePartition(topic, query.partition);
        return browse(client, topic, query, signal);
      }),
    'kafka.produce': (asked) => session.use((client) => produce(client, asked)),
  };
}

async function readOverview(session: Session): Promise<KafkaOverview> {
  const [topics, readings] = await session.use((client) => Promise.all([client.topics(), readGroups(client)]));
  const lag = readings.flatMap(({ group, offsets }) => {
    const byTopic = new Map<string, number>();
    for (const { topic, lag: behind } of offsets) byTopic.set(topic, (byTopic.get(topic) ?? 0) + behind);
    return [...byTopic].map(([topic, behind]) => ({ group: group.id, topic, lag: behind }));
  });
  return { lag, partitions: new Map(topics.map((topic) => [topic.name, topic.partitions.length])) };
}

const nothing: KafkaOverview = { lag: [], partitions: new Map() };

/** Reads the ends of all topics now and then, so that a first look at them already has rates. */
function sampleRates(session: Session): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy || !session.available) return;
    busy = true;
    const sampling = session.use(async (client) => {
      const topics = await client.topics();
      const latest = await client.offsets(ledPartitions(topics), OffsetSpec.LATEST);
      session.rates.add(performance.now(), endSums(topics, latest));
    });
    // A broker that does not answer is told of by the calls that a person makes.
    sampling
      .catch(() => session.rates.clear())
      .finally(() => {
        busy = false;
      });
  }, SAMPLE_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * The Kafka side of the engine: topics, groups, messages of the fleet's broker. Connects when it is first needed, tells
 * within about 2 s that a broker does not answer (KAFKA_UNREACHABLE), and finds it again by itself.
 */
export function createKafka(options: KafkaOptions): Kafka {
  const session = new Session(options);
  const stopSampling = sampleRates(session);
  let cached: { readonly atMs: number; readonly overview: Promise<KafkaOverview> } | null = null;
  return {
    handlers: createHandlers(session),
    overview() {
      if (cached === null || performance.now() - cached.atMs > OVERVIEW_MAX_AGE_MS) {
        cached = { atMs: performance.now(), overview: readOverview(session).catch(() => nothing) };
      }
      return cached.overview;
    },
    async close() {
      stopSampling();
      session.close();
    },
  };
}
