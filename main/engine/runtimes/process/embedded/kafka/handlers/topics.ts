import {
  ConfigSource,
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  ErrorCode,
  listPartitionReassignments,
} from '../../../../../kafka-protocol/index.ts';
import { type Route, route } from '../net/route.ts';
import type { Settings } from '../settings.ts';
import { configProblem, effectiveConfigs } from '../topic-configs.ts';
import type { Refusal, Topic, Topics } from '../topics.ts';

type CreatableTopic = ReturnType<typeof createTopics.decodeRequest>['topics'][number];

const HIGH_WATERMARK = -1;

/** The partition count of a creation request; a list of assignments must name this broker alone, from partition 0 on. */
function partitionCount(asked: CreatableTopic, settings: Settings): number | Refusal {
  if (asked.assignments.length === 0)
    return asked.numPartitions === -1 ? settings.defaultPartitions : asked.numPartitions;
  if (asked.numPartitions !== -1 || asked.replicationFactor !== -1) {
    const message = 'Both numPartitions (or replicationFactor) and a manual assignment were given.';
    return { errorCode: ErrorCode.INVALID_REQUEST, message };
  }
  const indexes = asked.assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b);
  const here = asked.assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === settings.nodeId);
  if (!here || indexes.some((index, place) => index !== place)) {
    const message = `The only broker is ${settings.nodeId}, and partitions count from 0.`;
    return { errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, message };
  }
  return asked.assignments.length;
}

function configsOf(asked: CreatableTopic): ReadonlyMap<string, string> | Refusal {
  const configs = new Map<string, string>();
  for (const { name, value } of asked.configs) {
    const problem = configProblem(name, value);
    if (problem !== null) return { errorCode: ErrorCode.INVALID_CONFIG, message: problem };
    if (value !== null) configs.set(name, value);
  }
  return configs;
}

function createTopicsRoute(topics: Topics, settings: Settings): Route {
  const describeConfigs = (configs: ReadonlyMap<string, string>) =>
    effectiveConfigs(configs, settings).map(({ name, value, isDefault }) => ({
      name,
      value,
      readOnly: false,
      configSource: isDefault ? ConfigSource.DEFAULT : ConfigSource.TOPIC,
      isSensitive: false,
    }));

  function create(asked: CreatableTopic, validateOnly: boolean, twice: boolean) {
    const failed = ({ errorCode, message }: Refusal) => ({ name: asked.name, errorCode, errorMessage: message });
    if (twice) return failed({ errorCode: ErrorCode.INVALID_REQUEST, message: 'Duplicate topic name.' });
    if (asked.assignments.length === 0 && asked.replicationFactor !== -1 && asked.replicationFactor !== 1) {
      const message = `Unable to replicate the partition ${asked.replicationFactor} time(s): there is 1 broker.`;
      return failed({ errorCode: ErrorCode.INVALID_REPLICATION_FACTOR, message });
    }
    const count = partitionCount(asked, settings);
    if (typeof count !== 'number') return failed(count);
    const refusal = topics.refusal(asked.name, count);
    if (refusal !== null) return failed(refusal);
    const configs = configsOf(asked);
    if (!(configs instanceof Map)) return failed(configs as Refusal);
    const created = validateOnly ? null : topics.create(asked.name, count, configs);
    return {
      name: asked.name,
      ...(created === null ? {} : { topicId: created.id }),
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      numPartitions: count,
      replicationFactor: 1,
      configs: describeConfigs(configs),
    };
  }

  return route(createTopics, (request) => {
    const names = request.topics.map(({ name }) => name);
    const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
    return { topics: request.topics.map((asked) => create(asked, request.validateOnly, twice.has(asked.name))) };
  });
}

function deleteTopicsRoute(topics: Topics, settings: Settings, deleted: (topic: Topic) => void): Route {
  function remove(topic: Topic | undefined, unknown: number): { errorCode: number; errorMessage: string | null } {
    if (topic === undefined) return { errorCode: unknown, errorMessage: 'This server does not host this topic.' };
    if (!settings.deleteTopics)
      return { errorCode: ErrorCode.TOPIC_DELETION_DISABLED, errorMessage: 'Topic deletion is disabled.' };
    topics.delete(topic);
    deleted(topic);
    return { errorCode: ErrorCode.NONE, errorMessage: null };
  }
  return route(deleteTopics, (request) => ({
    responses: [
      ...request.topicNames.map((name) => ({
        name,
        ...remove(topics.get(name), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
      })),
      ...request.topics.map(({ name, topicId }) => {
        if (name !== null) {
          const topic = topics.get(name);
          return { name, topicId: topic?.id ?? topicId, ...remove(topic, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) };
        }
        const topic = topics.getById(topicId);
        return { name: topic?.name ?? null, topicId, ...remove(topic, ErrorCode.UNKNOWN_TOPIC_ID) };
      }),
    ],
  }));
}

function createPartitionsRoute(topics: Topics): Route {
  function grow(name: string, count: number, assigned: number | null, validateOnly: boolean): Refusal | null {
    const topic = topics.get(name);
    if (topic === undefined) {
      return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: `The topic '${name}' does not exist.` };
    }
    const added = count - topic.partitions.length;
    if (added <= 0) {
      const message = `The topic ${name} currently has ${topic.partitions.length} partition(s); ${count} would not be an increase.`;
      return { errorCode: ErrorCode.INVALID_PARTITIONS, message };
    }
    if (assigned !== null && assigned !== added) {
      const message = `${added} assignments are needed, ${assigned} were given.`;
      return { errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, message };
    }
    const refusal = topics.partitionsRefusal(count, added);
    if (refusal === null && !validateOnly) topics.growTo(topic, count);
    return refusal;
  }
  return route(createPartitions, (request) => ({
    results: request.topics.map(({ name, count, assignments }) => {
      const refusal = grow(name, count, assignments?.length ?? null, request.validateOnly);
      return { name, errorCode: refusal?.errorCode ?? ErrorCode.NONE, errorMessage: refusal?.message ?? null };
    }),
  }));
}

function deleteRecordsRoute(topics: Topics): Route {
  return route(deleteRecords, (request) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, offset }) => {
        const log = topics.partition(name, partitionIndex);
        const failed = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode });
        if (log === undefined) return failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        const before = offset === HIGH_WATERMARK ? log.nextOffset : offset;
        if (before < 0 || before > log.nextOffset) return failed(ErrorCode.OFFSET_OUT_OF_RANGE);
        topics.deleteRecords(log, before);
        return { partitionIndex, lowWatermark: log.logStartOffset, errorCode: ErrorCode.NONE };
      }),
    })),
  }));
}

/** Everything that creates, changes or deletes topics. `deleted` hears of each topic that went. */
export function topicRoutes(topics: Topics, settings: Settings, deleted: (topic: Topic) => void): Route[] {
  return [
    createTopicsRoute(topics, settings),
    deleteTopicsRoute(topics, settings, deleted),
    createPartitionsRoute(topics),
    deleteRecordsRoute(topics),
    route(listPartitionReassignments, () => ({ errorCode: ErrorCode.NONE, topics: [] })),
  ];
}
