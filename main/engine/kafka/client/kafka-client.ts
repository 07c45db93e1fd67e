import { groupBy } from '../../group-by.ts';
import {
  type ClientApi,
  describeConfigs,
  describeGroups,
  describeLogDirs,
  ErrorCode,
  fetch,
  findCoordinator,
  listGroups,
  listOffsets,
  metadata,
  offsetFetch,
  produce,
  ResourceType,
} from '../../kafka-protocol/index.ts';
import { BrokerConnection, type Endpoint } from './broker-connection.ts';

export interface PartitionInfo {
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}
export interface TopicInfo {
  readonly name: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionInfo[];
}
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}
/** A partition and who leads it. */
export interface LedPartition extends TopicPartition {
  readonly leader: number;
}
export interface ListedGroup {
  readonly id: string;
  readonly state: string;
}
export interface GroupMember {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
  /** In the consumer protocol's encoding. */
  readonly assignment: Buffer;
}
export interface DescribedGroup extends ListedGroup {
  readonly protocol: string;
  readonly members: readonly GroupMember[];
}
export interface FetchedPartition {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly records: Buffer;
}

/** The broker answered with an error code of its own. */
export class BrokerRefusedError extends Error {
  override readonly name = 'BrokerRefusedError';
  readonly errorCode: number;

  constructor(errorCode: number, detail: string | null = null) {
    const name = Object.entries(ErrorCode).find(([, code]) => code === errorCode)?.[0] ?? `error ${errorCode}`;
    super(detail === null || detail === '' ? name : `${name}: ${detail}`);
    this.errorCode = errorCode;
  }
}

export const partitionKey = (topic: string, partition: number): string => `${topic}/${partition}`;
/** The newest versions of Produce and Fetch that name topics; later ones know them by id. */
const NEWEST_WITH_NAMES = 12;
const FETCH_BYTES = 8 * 1024 * 1024;
const FETCH_PARTITION_BYTES = 1024 * 1024;

/**
 * What the console asks of a Kafka cluster, in as few requests as it takes. It finds the brokers through one address; a
 * cluster of one is only ever asked at that address, whatever it advertises (it may advertise a container's name).
 * All methods throw `BrokerUnreachableError` or `BrokerRefusedError`.
 */
export class KafkaClient {
  private readonly bootstrap: Endpoint;
  private readonly connections = new Map<string, Promise<BrokerConnection>>();
  private nodes = new Map<number, Endpoint>();

  constructor(bootstrap: Endpoint) {
    this.bootstrap = bootstrap;
  }

  close(): void {
    for (const opening of this.connections.values()) {
      opening.then((connection) => connection.close()).catch(() => {});
    }
    this.connections.clear();
  }

  private async connection(endpoint: Endpoint): Promise<BrokerConnection> {
    const key = `${endpoint.host}:${endpoint.port}`;
    const known = this.connections.get(key);
    if (known !== undefined) {
      const connection = await known;
      if (!connection.closed) return connection;
    }
    if (this.connections.get(key) === known) {
      const opening = BrokerConnection.connect(endpoint);
      this.connections.set(key, opening);
      opening.catch(() => {
        if (this.connections.get(key) === opening) this.connections.delete(key);
      });
      return opening;
    }
    return this.connection(endpoint);
  }

  private async ask<Q, R>(nodeId: number | null, api: ClientApi<Q, R>, body: Q, newest?: number): Promise<R> {
    const endpoint = (nodeId === null || this.nodes.size <= 1 ? null : this.nodes.get(nodeId)) ?? this.bootstrap;
    const connection = await this.connection(endpoint);
    return connection.request(api, body, newest);
  }

  private async askAll<Q, R>(api: ClientApi<Q, R>, body: Q): Promise<R[]> {
    if (this.nodes.size === 0) await this.topics();
    return Promise.all([...this.nodes.keys()].map((nodeId) => this.ask(nodeId, api, body)));
  }

  /** All topics, or those of the given names that exist. */
  async topics(names: readonly string[] | null = null): Promise<TopicInfo[]> {
    const asked = names?.map((name) => ({ name })) ?? null;
    const answer = await this.ask(null, metadata, { topics: asked, allowAutoTopicCreation: false });
    this.nodes = new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    return answer.topics.flatMap((topic) => {
      if (topic.errorCode !== ErrorCode.NONE || topic.name === null) return [];
      const partitions = topic.partitions
        .map((partition) => ({
          partition: partition.partitionIndex,
          leader: partition.leaderId,
          replicas: partition.replicaNodes,
          inSync: partition.isrNodes,
        }))
        .sort((a, b) => a.partition - b.partition);
      return [{ name: topic.name, internal: topic.isInternal || topic.name.startsWith('__'), partitions }];
    });
  }

  /** Offsets by `partitionKey`, for a timestamp in epoch ms or one of `OffsetSpec`. Partitions without a leader are left out. */
  async offsets(partitions: readonly LedPartition[], timestamp: number): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    const byLeader = groupBy(
      partitions.filter(({ leader }) => leader >= 0),
      ({ leader }) => leader,
    );
    const asking = [...byLeader].map(async ([leader, led]) => {
      const topics = [...groupBy(led, ({ topic }) => topic)].map(([name, list]) => ({
        name,
        partitions: list.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
      }));
      const answer = await this.ask(leader, listOffsets, { replicaId: -1, topics });
      for (const { name, partitions: offsets } of answer.topics) {
        for (const { partitionIndex, errorCode, offset } of offsets) {
          if (errorCode === ErrorCode.NONE) found.set(partitionKey(name, partitionIndex), offset);
        }
      }
    });
    await Promise.all(asking);
    return found;
  }

  /** Bytes on disk (or in memory) by `partitionKey`, of one replica. Empty where the brokers do not tell. */
  async sizes(topics: readonly TopicInfo[] | null): Promise<Map<string, number>> {
    const asked =
      topics?.map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ partition }) => partition),
      })) ?? null;
    const found = new Map<string, number>();
    const answers = await this.askAll(describeLogDirs, { topics: asked }).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'BrokerUnreachableError') throw error;
      return [];
    });
    for (const { topics: described } of answers.flatMap(({ results }) => results)) {
      for (const { name, partitions } of described) {
        for (const { partitionIndex, partitionSize } of partitions) {
          const key = partitionKey(name, partitionIndex);
          found.set(key, Math.max(found.get(key) ?? 0, partitionSize));
        }
      }
    }
    return found;
  }

  async topicConfigs(topic: string): Promise<{ name: string; value: string; isDefault: boolean }[]> {
    const DEFAULT_SOURCES = [4, 5];
    const answer = await this.ask(null, describeConfigs, {
      resources: [{ resourceType: ResourceType.TOPIC, resourceName: topic, configurationKeys: null }],
      includeSynonyms: false,
    });
    const result = answer.results[0];
    if (result === undefined || result.errorCode !== ErrorCode.NONE) return [];
    return result.configs.map(({ name, value, isSensitive, configSource }) => ({
      name,
      value: isSensitive ? '(hidden)' : (value ?? ''),
      isDefault: DEFAULT_SOURCES.includes(configSource),
    }));
  }

  async groups(): Promise<ListedGroup[]> {
    const answers = await this.askAll(listGroups, {});
    return answers.flatMap(({ groups }) =>
      groups.map(({ groupId, groupState }) => ({ id: groupId, state: groupState })),
    );
  }

  private async coordinatorOf(group: string): Promise<number | null> {
    if (this.nodes.size <= 1) return null;
    const answer = await this.ask(null, findCoordinator, { key: group, keyType: 0, coordinatorKeys: [group] });
    const { errorCode, nodeId } = answer.coordinators[0] ?? answer;
    if (errorCode !== ErrorCode.NONE) throw new BrokerRefusedError(errorCode);
    return nodeId;
  }

  /** Groups as their coordinators see them. A group that does not exist is left out. */
  async describeGroups(ids: readonly string[]): Promise<DescribedGroup[]> {
    const coordinators = await Promise.all(ids.map(async (id) => ({ id, node: await this.coordinatorOf(id) })));
    const asking = [...groupBy(coordinators, ({ node }) => node)].map(([node, list]) =>
      this.ask(node, describeGroups, { groups: list.map(({ id }) => id) }),
    );
    const answers = await Promise.all(asking);
    return answers
      .flatMap(({ groups }) => groups)
      .filter(({ errorCode, groupState }) => errorCode === ErrorCode.NONE && groupState !== 'Dead')
      .map((group) => ({
        id: group.groupId,
        state: group.groupState,
        protocol: group.protocolData,
        members: group.members.map((member) => ({
          memberId: member.memberId,
          clientId: member.clientId,
          host: member.clientHost.replace(/^\//, ''),
          assignment: member.memberAssignment,
        })),
      }));
  }

  /** What a group has committed, by topic and partition. */
  async committed(group: string): Promise<(TopicPartition & { offset: number })[]> {
    const answer = await this.ask(await this.coordinatorOf(group), offsetFetch, {
      groupId: group,
      topics: null,
      groups: [{ groupId: group, topics: null }],
    });
    const topics = answer.groups[0]?.topics ?? answer.topics;
    return topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ errorCode, committedOffset }) => errorCode === ErrorCode.NONE && committedOffset >= 0)
        .map(({ partitionIndex, committedOffset }) => ({
          topic: name,
          partition: partitionIndex,
          offset: committedOffset,
        })),
    );
  }

  /** Record batches from the given offsets on, as they are stored; what there is now, without waiting. */
  async fetch(
    topic: string,
    wanted: readonly (LedPartition & { offset: number })[],
  ): Promise<Map<number, FetchedPartition>> {
    const found = new Map<number, FetchedPartition>();
    const asking = [...groupBy(wanted, ({ leader }) => leader)].map(async ([leader, led]) => {
      const partitions = led.map(({ partition, offset }) => {
        return { partition, fetchOffset: offset, partitionMaxBytes: FETCH_PARTITION_BYTES };
      });
      const body = {
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: FETCH_BYTES,
        isolationLevel: 0,
        topics: [{ topic, partitions }],
      };
      const answer = await this.ask(leader, fetch, body, NEWEST_WITH_NAMES);
      for (const one of answer.responses.flatMap(({ partitions: list }) => list)) {
        const { errorCode, highWatermark, logStartOffset } = one;
        const records = one.records ?? Buffer.alloc(0);
        found.set(one.partitionIndex, { errorCode, highWatermark, logStartOffset, records });
      }
    });
    await Promise.all(asking);
    return found;
  }

  /** Writes one batch with the acknowledgement of all replicas. @returns the offset of its first record. */
  async produce({ topic, partition, leader }: LedPartition, batch: Buffer): Promise<number> {
    const body = {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1500,
      topics: [{ name: topic, partitions: [{ index: partition, records: batch }] }],
    };
    const answer = await this.ask(leader, produce, body, NEWEST_WITH_NAMES);
    const result = answer.responses[0]?.partitions[0];
    if (result === undefined) throw new BrokerRefusedError(ErrorCode.UNKNOWN_SERVER_ERROR);
    if (result.errorCode !== ErrorCode.NONE) throw new BrokerRefusedError(result.errorCode, result.errorMessage);
    return result.baseOffset;
  }
}
