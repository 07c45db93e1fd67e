import {
  apiVersions,
  describeCluster,
  describeLogDirs,
  describeTopicPartitions,
  ErrorCode,
  metadata,
  ZERO_UUID,
} from '../../../../../kafka-protocol/index.ts';
import { type RequestContext, type Route, route } from '../net/route.ts';
import type { Settings } from '../settings.ts';
import type { Topic, Topics } from '../topics.ts';

/** One broker, one cluster: the id only has to look like one and stay the same. */
export const CLUSTER_ID = 'FlotillaEmbeddedKafka0';
const MAX_PARTITIONS_PER_PAGE = 2000;

function describePartitions(topic: Topic, nodeId: number, from = 0, limit = Number.POSITIVE_INFINITY) {
  return topic.partitions.slice(from, from + limit).map(({ partition }) => ({
    errorCode: ErrorCode.NONE,
    partitionIndex: partition,
    leaderId: nodeId,
    leaderEpoch: 0,
    replicaNodes: [nodeId],
    isrNodes: [nodeId],
  }));
}

const describeTopic = (topic: Topic, nodeId: number) => ({
  errorCode: ErrorCode.NONE,
  name: topic.name,
  topicId: topic.id,
  partitions: describePartitions(topic, nodeId),
});

const noTopic = (errorCode: number, name: string | null, topicId = ZERO_UUID) => ({
  errorCode,
  name,
  topicId,
  partitions: [],
});

/** ApiVersions: the list of everything in `routes`, itself included. */
export function apiVersionsRoute(routes: () => Iterable<Route>): Route {
  return route(apiVersions, () => ({
    errorCode: ErrorCode.NONE,
    apiKeys: [...routes()]
      .map(({ api }) => ({ apiKey: api.key, minVersion: api.announcedMinVersion, maxVersion: api.maxVersion }))
      .sort((a, b) => a.apiKey - b.apiKey),
  }));
}

function metadataRoute(topics: Topics, settings: Settings): Route {
  const { nodeId } = settings;
  const byName = (name: string, mayCreate: boolean) => {
    const known = topics.get(name);
    if (known !== undefined) return describeTopic(known, nodeId);
    if (!mayCreate || !settings.autoCreateTopics) return noTopic(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name);
    const refusal = topics.refusal(name, settings.defaultPartitions);
    if (refusal !== null) return noTopic(refusal.errorCode, name);
    return describeTopic(topics.create(name, settings.defaultPartitions), nodeId);
  };
  const byId = (id: string) => {
    const known = topics.getById(id);
    return known === undefined ? noTopic(ErrorCode.UNKNOWN_TOPIC_ID, null, id) : describeTopic(known, nodeId);
  };
  return route(metadata, (request, context) => {
    const { host, port } = context.advertised;
    // In version 0 an empty list asks for all topics; null does from version 1 on.
    const all = request.topics === null || (context.version === 0 && request.topics.length === 0);
    const described = all
      ? topics.all().map((topic) => describeTopic(topic, nodeId))
      : (request.topics ?? []).map(({ name, topicId }) =>
          name === null ? byId(topicId) : byName(name, request.allowAutoTopicCreation),
        );
    return { brokers: [{ nodeId, host, port }], clusterId: CLUSTER_ID, controllerId: nodeId, topics: described };
  });
}

function describeTopicPartitionsRoute(topics: Topics, nodeId: number): Route {
  return route(describeTopicPartitions, (request) => {
    const asked =
      request.topics.length > 0 ? request.topics.map(({ name }) => name) : topics.all().map(({ name }) => name);
    const names = [...new Set(asked)].sort();
    const { cursor } = request;
    let left = Math.max(1, Math.min(request.responsePartitionLimit, MAX_PARTITIONS_PER_PAGE));
    const described = [];
    for (const name of names) {
      if (cursor !== null && name < cursor.topicName) continue;
      const from = cursor !== null && name === cursor.topicName ? cursor.partitionIndex : 0;
      if (left <= 0) return { topics: described, nextCursor: { topicName: name, partitionIndex: from } };
      const topic = topics.get(name);
      if (topic === undefined) {
        described.push(noTopic(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name));
        continue;
      }
      const partitions = describePartitions(topic, nodeId, from, left);
      left -= partitions.length;
      described.push({ errorCode: ErrorCode.NONE, name, topicId: topic.id, partitions });
      const next = from + partitions.length;
      if (next < topic.partitions.length) {
        return { topics: described, nextCursor: { topicName: name, partitionIndex: next } };
      }
    }
    return { topics: described, nextCursor: null };
  });
}

function describeClusterRoute(nodeId: number): Route {
  return route(describeCluster, (_request, { advertised }: RequestContext) => ({
    errorCode: ErrorCode.NONE,
    clusterId: CLUSTER_ID,
    controllerId: nodeId,
    brokers: [{ brokerId: nodeId, host: advertised.host, port: advertised.port }],
  }));
}

function describeLogDirsRoute(topics: Topics, logDir: string): Route {
  return route(describeLogDirs, (request) => {
    const asked = request.topics?.map(({ topic, partitions }) => ({ topic, wanted: new Set(partitions) }));
    const listed = asked ?? topics.all().map(({ name }) => ({ topic: name, wanted: null }));
    const described = listed.flatMap(({ topic: name, wanted }) => {
      const partitions = (topics.get(name)?.partitions ?? [])
        .filter(({ partition }) => wanted === null || wanted.has(partition))
        .map((log) => ({
          partitionIndex: log.partition,
          partitionSize: log.sizeBytes,
          offsetLag: 0,
          isFutureKey: false,
        }));
      return partitions.length > 0 ? [{ name, partitions }] : [];
    });
    return { results: [{ errorCode: ErrorCode.NONE, logDir, topics: described }] };
  });
}

/** Metadata and the other calls that describe the cluster, its topics and their sizes. */
export function clusterRoutes(topics: Topics, settings: Settings, logDir: string): Route[] {
  return [
    metadataRoute(topics, settings),
    describeTopicPartitionsRoute(topics, settings.nodeId),
    describeClusterRoute(settings.nodeId),
    describeLogDirsRoute(topics, logDir),
  ];
}
