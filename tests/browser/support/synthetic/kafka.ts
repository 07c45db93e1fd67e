import {
  type ApiHandlers,
  type DecodedBytes,
  FlotillaError,
  type KafkaGroup,
  type KafkaMessage,
  type KafkaMessageQuery,
  type KafkaTopic,
} from '../../../../main/contract/index.ts';
import { hexOf, noise } from './random.ts';
import { failedAt, type World } from './world.ts';

type Answers = Pick<
  ApiHandlers,
  'kafka.topics' | 'kafka.topic' | 'kafka.groups' | 'kafka.group' | 'kafka.messages' | 'kafka.produce'
>;

interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly everyMs: number;
  readonly description: string;
  readonly types: readonly string[];
  readonly internal?: boolean;
}

const TOPICS: readonly TopicSpec[] = [
  {
    name: 'order-events',
    partitions: 3,
    everyMs: 40,
    description: 'What happened to orders: placed, confirmed, rejected. Keyed by order.',
    types: ['OrderPlaced', 'OrderConfirmed'],
  },
  {
    name: 'shipping-jobs',
    partitions: 3,
    everyMs: 84,
    description: 'Parcels to pack; each is taken by one of the competing workers.',
    types: ['PackParcel'],
  },
  {
    name: 'shipping-jobs-dead',
    partitions: 1,
    everyMs: 0,
    description: 'Parcels that could not be packed after three tries.',
    types: [],
  },
  {
    name: 'shipping-events',
    partitions: 3,
    everyMs: 84,
    description: 'Parcels packed and handed over.',
    types: ['ParcelShipped'],
  },
  {
    name: 'customer-messages',
    partitions: 3,
    everyMs: 42,
    description: 'What to tell a customer; the gateway pushes it to the browser.',
    types: ['OrderConfirmation', 'ParcelOnItsWay'],
  },
  { name: '__consumer_offsets', partitions: 50, everyMs: 900, description: '', types: ['offset'], internal: true },
];

const GROUPS: readonly { id: string; topic: string; members: number; lag: number }[] = [
  { id: 'shipping-orders', topic: 'order-events', members: 2, lag: 0 },
  { id: 'shipping-workers', topic: 'shipping-jobs', members: 2, lag: 1 },
  { id: 'notifications', topic: 'order-events', members: 1, lag: 2 },
  { id: 'analytics', topic: 'order-events', members: 1, lag: 14 },
  { id: 'gateway-push', topic: 'customer-messages', members: 1, lag: 0 },
];

/** Decodes as the engine does: JSON pretty-printed, else text. */
function decoded(text: string | null): DecodedBytes {
  if (text === null) return { format: 'null', text: '', bytes: 0, truncated: false };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object')
      return { format: 'json', text: JSON.stringify(value, null, 2), bytes: text.length, truncated: false };
  } catch {
    // Not JSON: shown as the text that it is.
  }
  return { format: 'text', text, bytes: text.length, truncated: false };
}

const contains = (message: KafkaMessage, text: string): boolean =>
  [message.key.text, message.value.text, ...message.headers.map((header) => header.value)].some((part) =>
    part.toLowerCase().includes(text.toLowerCase()),
  );

export function kafkaAnswers(world: World): Answers {
  const produced: KafkaMessage[] = [];

  const specOf = (name: string): TopicSpec => {
    const spec = TOPICS.find((topic) => topic.name === name);
    if (!spec)
      throw new FlotillaError('KAFKA_TOPIC_UNKNOWN', {
        topic: name,
        known: TOPICS.map((topic) => topic.name).join(', '),
      });
    return spec;
  };
  /** How many messages the shop itself has written to a partition. */
  const written = (spec: TopicSpec): number =>
    spec.everyMs === 0 ? 0 : Math.floor((world.now() - world.startedAtMs) / spec.everyMs / spec.partitions);
  const ours = (spec: TopicSpec, partition: number): KafkaMessage[] =>
    produced.filter((one) => one.topic === spec.name && one.partition === partition);
  const latest = (spec: TopicSpec, partition: number): number => written(spec) + ours(spec, partition).length;

  const messageAt = (spec: TopicSpec, partition: number, offset: number): KafkaMessage | null => {
    const own = ours(spec, partition).find((one) => Number(one.offset) === offset);
    if (own) return own;
    // Messages produced by hand take an offset of their own and push the shop's back.
    const before = ours(spec, partition).filter((one) => Number(one.offset) < offset).length;
    const at = offset - before;
    if (at < 0 || at >= written(spec)) return null;
    const order = hexOf(8, world.seed, spec.name, partition, at);
    const type = spec.types[at % Math.max(1, spec.types.length)] ?? 'message';
    const value = {
      type,
      orderId: order,
      total: Math.round(noise(world.seed, order) * 24000) / 100,
      items: 1 + (at % 4),
      at: new Date(world.startedAtMs + at * spec.everyMs * spec.partitions).toISOString(),
    };
    const traceId = hexOf(32, world.seed, 'message', order);
    return {
      topic: spec.name,
      partition,
      offset: String(offset),
      timestamp: value.at,
      key: decoded(order),
      headers: [
        { name: 'content-type', value: 'application/json' },
        { name: 'traceparent', value: `00-${traceId}-${traceId.slice(0, 16)}-01` },
      ],
      value: decoded(JSON.stringify(value)),
      traceId,
    };
  };

  const topicView = (spec: TopicSpec): KafkaTopic => {
    const messages = Array.from({ length: spec.partitions }, (_, partition) => latest(spec, partition)).reduce(
      (sum, count) => sum + count,
      0,
    );
    const rate = spec.everyMs === 0 ? 0 : (1000 / spec.everyMs) * (world.dial / 24);
    return {
      name: spec.name,
      partitions: spec.partitions,
      messages,
      bytes: messages * 148,
      ratePerSecond: rate,
      internal: spec.internal === true,
      description: spec.description,
    };
  };
  const groupView = (group: (typeof GROUPS)[number]): KafkaGroup => {
    const service = group.id.split('-')[0] ?? '';
    const dead = failedAt(world, service, world.now());
    return {
      id: group.id,
      state: dead ? 'Empty' : 'Stable',
      members: dead ? 0 : group.members,
      lag: group.lag + (dead ? 240 : 0),
      topics: [group.topic],
    };
  };

  const select = (query: KafkaMessageQuery) => {
    const spec = specOf(query.topic);
    const partitions =
      query.partition === undefined ? Array.from({ length: spec.partitions }, (_, index) => index) : [query.partition];
    const found: KafkaMessage[] = [];
    let scanned = 0;
    for (const partition of partitions) {
      const end = latest(spec, partition);
      const start = firstOffset(query, spec, partition, end, partitions.length);
      for (let offset = start; offset < end && scanned < 20_000; offset++) {
        const message = messageAt(spec, partition, offset);
        if (!message) continue;
        scanned++;
        if (query.from.at === 'time' && Date.parse(message.timestamp) < query.from.timeMs) continue;
        if (
          (query.key === undefined || message.key.text === query.key) &&
          (!query.text || contains(message, query.text))
        )
          found.push(message);
      }
    }
    found.sort((a, b) => a.timestamp.localeCompare(b.timestamp));
    return {
      messages: query.from.at === 'latest' ? found.slice(-query.limit) : found.slice(0, query.limit),
      scanned,
      complete: found.length <= query.limit,
    };
  };
  const firstOffset = (
    query: KafkaMessageQuery,
    spec: TopicSpec,
    partition: number,
    end: number,
    partitions: number,
  ): number => {
    if (query.from.at === 'offset') return Number(query.from.offset);
    if (query.from.at !== 'latest') return Math.max(0, end - 4000);
    const wide =
      query.text || query.key ? 2000 : Math.ceil(query.limit / partitions) + ours(spec, partition).length + 1;
    return Math.max(0, end - wide);
  };

  return {
    'kafka.topics': () => TOPICS.map(topicView),
    'kafka.topic': ({ topic }) => {
      const spec = specOf(topic);
      return {
        ...topicView(spec),
        partitionList: Array.from({ length: spec.partitions }, (_, partition) => ({
          partition,
          leader: 1,
          replicas: [1],
          inSync: [1],
          earliestOffset: '0',
          latestOffset: String(latest(spec, partition)),
          bytes: latest(spec, partition) * 148,
        })),
        configs: [
          { name: 'cleanup.policy', value: 'delete', isDefault: true },
          { name: 'retention.ms', value: '604800000', isDefault: true },
        ],
      };
    },
    'kafka.groups': () => GROUPS.map(groupView),
    'kafka.group': ({ group }) => {
      const found = GROUPS.find((one) => one.id === group);
      if (!found) throw new FlotillaError('NOT_FOUND', { what: 'consumer group', name: group });
      const view = groupView(found);
      const spec = specOf(found.topic);
      return {
        ...view,
        protocol: 'RoundRobinAssigner',
        memberList: Array.from({ length: view.members }, (_, index) => ({
          memberId: `${group}-${hexOf(8, world.seed, group, index)}`,
          clientId: group,
          host: '127.0.0.1',
          assignments: [
            {
              topic: found.topic,
              partitions: Array.from({ length: spec.partitions }, (_, partition) => partition).filter(
                (partition) => partition % view.members === index,
              ),
            },
          ],
        })),
        offsets: Array.from({ length: spec.partitions }, (_, partition) => {
          const lag = Math.floor(view.lag / spec.partitions) + (partition < view.lag % spec.partitions ? 1 : 0);
          return {
            topic: found.topic,
            partition,
            committed: String(latest(spec, partition) - lag),
            latest: String(latest(spec, partition)),
            lag,
          };
        }),
      };
    },
    'kafka.messages': select,
    'kafka.produce': ({ topic, partition, key, value, headers }) => {
      const spec = specOf(topic);
      const to = partition ?? Math.floor(noise(world.seed, key ?? '', value ?? '') * spec.partitions);
      const offset = String(latest(spec, to));
      produced.push({
        topic,
        partition: to,
        offset,
        timestamp: new Date(world.now()).toISOString(),
        key: decoded(key),
        headers,
        value: decoded(value),
        traceId: null,
      });
      return { partition: to, offset };
    },
  };
}
