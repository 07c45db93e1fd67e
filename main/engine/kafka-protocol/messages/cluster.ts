import { defineApi } from '../wire/api.ts';
import {
  array,
  between,
  boolean,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  nullableStruct,
  since,
  string,
  struct,
  usually,
  uuid,
  ZERO_UUID,
} from '../wire/codec.ts';

/** "Authorized operations" of a request that did not ask for them. */
const NOT_ASKED = -2147483648;

export const apiVersions = defineApi({
  name: 'ApiVersions',
  key: 18,
  versions: [0, 4],
  flexibleSince: 3,
  request: struct({
    clientSoftwareName: since(3, string, ''),
    clientSoftwareVersion: since(3, string, ''),
  }),
  response: struct({
    errorCode: int16,
    apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
    throttleTimeMs: since(1, int32, 0),
  }),
});

const partitionMetadata = {
  errorCode: int16,
  partitionIndex: int32,
  leaderId: int32,
  leaderEpoch: since(7, int32, -1),
  replicaNodes: array(int32),
  isrNodes: array(int32),
};

export const metadata = defineApi({
  name: 'Metadata',
  key: 3,
  versions: [0, 13],
  flexibleSince: 9,
  request: struct({
    topics: nullableArray(struct({ topicId: since(10, uuid, ZERO_UUID), name: nullableString })),
    allowAutoTopicCreation: since(4, boolean, true),
    includeClusterAuthorizedOperations: between(8, 10, boolean, false),
    includeTopicAuthorizedOperations: since(8, boolean, false),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullableString, null) })),
    clusterId: since(2, nullableString, null),
    controllerId: since(1, int32, -1),
    topics: array(
      struct({
        errorCode: int16,
        name: nullableString,
        topicId: since(10, uuid, ZERO_UUID),
        isInternal: since(1, boolean, false),
        partitions: array(struct({ ...partitionMetadata, offlineReplicas: since(5, array(int32), []) })),
        topicAuthorizedOperations: since(8, int32, NOT_ASKED),
      }),
    ),
    clusterAuthorizedOperations: between(8, 10, int32, NOT_ASKED),
    errorCode: since(13, int16, 0),
  }),
});

const cursor = struct({ topicName: string, partitionIndex: int32 });

export const describeTopicPartitions = defineApi({
  name: 'DescribeTopicPartitions',
  key: 75,
  versions: [0, 0],
  flexibleSince: 0,
  request: struct({
    topics: array(struct({ name: string })),
    responsePartitionLimit: int32,
    cursor: nullableStruct(cursor),
  }),
  response: struct({
    throttleTimeMs: usually(int32, 0),
    topics: array(
      struct({
        errorCode: int16,
        name: nullableString,
        topicId: uuid,
        isInternal: usually(boolean, false),
        partitions: array(
          struct({
            errorCode: int16,
            partitionIndex: int32,
            leaderId: int32,
            leaderEpoch: int32,
            replicaNodes: array(int32),
            isrNodes: array(int32),
            eligibleLeaderReplicas: usually(nullableArray(int32), []),
            lastKnownElr: usually(nullableArray(int32), []),
            offlineReplicas: usually(array(int32), []),
          }),
        ),
        topicAuthorizedOperations: usually(int32, NOT_ASKED),
      }),
    ),
    nextCursor: nullableStruct(cursor),
  }),
});

export const describeCluster = defineApi({
  name: 'DescribeCluster',
  key: 60,
  versions: [0, 2],
  flexibleSince: 0,
  request: struct({
    includeClusterAuthorizedOperations: boolean,
    endpointType: since(1, int8, 1),
    includeFencedBrokers: since(2, boolean, false),
  }),
  response: struct({
    throttleTimeMs: usually(int32, 0),
    errorCode: int16,
    errorMessage: usually(nullableString, null),
    endpointType: since(1, int8, 1),
    clusterId: string,
    controllerId: int32,
    brokers: array(
      struct({
        brokerId: int32,
        host: string,
        port: int32,
        rack: usually(nullableString, null),
        isFenced: since(2, boolean, false),
      }),
    ),
    clusterAuthorizedOperations: usually(int32, NOT_ASKED),
  }),
});

export const describeLogDirs = defineApi({
  name: 'DescribeLogDirs',
  key: 35,
  versions: [1, 4],
  flexibleSince: 2,
  request: struct({ topics: nullableArray(struct({ topic: string, partitions: array(int32) })) }),
  response: struct({
    throttleTimeMs: usually(int32, 0),
    errorCode: since(3, int16, 0),
    results: array(
      struct({
        errorCode: int16,
        logDir: string,
        topics: array(
          struct({
            name: string,
            partitions: array(
              struct({ partitionIndex: int32, partitionSize: int64, offsetLag: int64, isFutureKey: boolean }),
            ),
          }),
        ),
        totalBytes: since(4, int64, -1),
        usableBytes: since(4, int64, -1),
      }),
    ),
  }),
});
