import type { KafkaTopic, KafkaTopicDetail } from '../../contract/index.ts';
import { OffsetSpec } from '../kafka-protocol/index.ts';
import { type KafkaClient, type LedPartition, partitionKey, type TopicInfo } from './client/kafka-client.ts';

export const ledPartitions = (topics: readonly TopicInfo[]): LedPartition[] =>
  topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition, leader }) => ({ topic: name, partition, leader })),
  );

/** What a topic's numbers are made of, by `partitionKey`. */
export interface TopicNumbers {
  readonly earliest: ReadonlyMap<string, number>;
  readonly latest: ReadonlyMap<string, number>;
  readonly bytes: ReadonlyMap<string, number>;
}

export async function readNumbers(client: KafkaClient, topics: readonly TopicInfo[]): Promise<TopicNumbers> {
  const partitions = ledPartitions(topics);
  const [earliest, latest, bytes] = await Promise.all([
    client.offsets(partitions, OffsetSpec.EARLIEST),
    client.offsets(partitions, OffsetSpec.LATEST),
    client.sizes(topics),
  ]);
  return { earliest, latest, bytes };
}

/** How many messages a topic has ever had, for the rate: the sum of its ends. */
export function endSums(topics: readonly TopicInfo[], latest: ReadonlyMap<string, number>): Map<string, number> {
  return new Map(
    topics.map(({ name, partitions }) => {
      let sum = 0;
      for (const { partition } of partitions) sum += latest.get(partitionKey(name, partition)) ?? 0;
      return [name, sum];
    }),
  );
}

export interface Described {
  readonly description: string;
  readonly ratePerSecond: number | null;
}

export function viewTopic(topic: TopicInfo, numbers: TopicNumbers, about: Described): KafkaTopic {
  let messages = 0;
  let bytes: number | null = null;
  for (const { partition } of topic.partitions) {
    const key = partitionKey(topic.name, partition);
    messages += Math.max(0, (numbers.latest.get(key) ?? 0) - (numbers.earliest.get(key) ?? 0));
    const size = numbers.bytes.get(key);
    if (size !== undefined) bytes = (bytes ?? 0) + size;
  }
  const { name, internal } = topic;
  return { name, partitions: topic.partitions.length, messages, bytes, internal, ...about };
}

export function viewTopicDetail(
  topic: TopicInfo,
  numbers: TopicNumbers,
  about: Described,
  configs: KafkaTopicDetail['configs'],
): KafkaTopicDetail {
  const partitionList = topic.partitions.map(({ partition, leader, replicas, inSync }) => {
    const key = partitionKey(topic.name, partition);
    return {
      partition,
      leader,
      replicas: [...replicas],
      inSync: [...inSync],
      earliestOffset: String(numbers.earliest.get(key) ?? 0),
      latestOffset: String(numbers.latest.get(key) ?? 0),
      bytes: numbers.bytes.get(key) ?? null,
    };
  });
  return { ...viewTopic(topic, numbers, about), partitionList, configs };
}
