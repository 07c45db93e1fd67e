/** How this broker behaves. Names follow Kafka's own; units are in the names. */
export interface Settings {
  readonly nodeId: number;
  readonly defaultPartitions: number;
  readonly autoCreateTopics: boolean;
  readonly deleteTopics: boolean;
  readonly messageMaxBytes: number;
  /** -1: without limit. Per partition. */
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly retentionCheckMs: number;
  /** All partitions together: what goes beyond drops the oldest messages, whatever their topic keeps. */
  readonly totalMaxBytes: number;
  readonly groupInitialRebalanceDelayMs: number;
  readonly groupMinSessionTimeoutMs: number;
  readonly groupMaxSessionTimeoutMs: number;
  readonly offsetsRetentionMs: number;
}

export const defaultSettings: Settings = {
  nodeId: 1,
  defaultPartitions: 1,
  autoCreateTopics: true,
  deleteTopics: true,
  messageMaxBytes: 1_048_588,
  retentionMs: 7 * 24 * 3_600_000,
  retentionBytes: -1,
  retentionCheckMs: 30_000,
  totalMaxBytes: 256 * 1024 * 1024,
  groupInitialRebalanceDelayMs: 0,
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  offsetsRetentionMs: 7 * 24 * 3_600_000,
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of the public image that say nothing to a single broker without controllers, listeners or replicas. */
const MEANINGLESS =
  /^KAFKA_(PROCESS_ROLES|LISTENERS|CLIENT_LISTENERS|ADVERTISED_LISTENERS?|CONTROLLER_.*|LISTENER_.*|INTER_BROKER_.*|OFFSETS_TOPIC_.*|TRANSACTION_STATE_.*|SHARE_.*|LOG_DIRS?|ZOOKEEPER_.*|HEAP_OPTS|OPTS|JVM_.*|LOG4J.*|JMX_.*|MIN_INSYNC_REPLICAS|DEFAULT_REPLICATION_FACTOR|BROKER_RACK|CFG_.*)$/;

function integer(environment: Environment, name: string, minimum: number): number | null {
  const text = environment[name];
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new Error(`${name} is "${text}", but must be a whole number of ${minimum} or more`);
  }
  return value;
}

function boolean(environment: Environment, name: string): boolean | null {
  const text = environment[name]?.toLowerCase();
  if (text === undefined || text === '') return null;
  if (text !== 'true' && text !== 'false') throw new Error(`${name} is "${text}", but must be true or false`);
  return text === 'true';
}

function retentionMs(environment: Environment): number | null {
  const minutes = integer(environment, 'KAFKA_LOG_RETENTION_MINUTES', -1);
  const hours = integer(environment, 'KAFKA_LOG_RETENTION_HOURS', -1);
  const inMs = (value: number | null, unit: number) => (value === null ? null : value < 0 ? -1 : value * unit);
  return integer(environment, 'KAFKA_LOG_RETENTION_MS', -1) ?? inMs(minutes, 60_000) ?? inMs(hours, 3_600_000);
}

/**
 * Reads the variables that configure Kafka's public image, as far as they make sense here, and
 * `FLOTILLA_KAFKA_MAX_BYTES` (the memory for messages). `ignored` names the `KAFKA_*` variables that had no effect.
 * @throws Error with one sentence when a value cannot be used.
 */
export function readSettings(environment: Environment): { settings: Settings; ignored: string[] } {
  const used = new Set<string>();
  const seen: Environment = new Proxy(environment, {
    get(target, name) {
      if (typeof name !== 'string') return undefined;
      used.add(name);
      return target[name];
    },
  });
  const d = defaultSettings;
  const offsetsMinutes = integer(seen, 'KAFKA_OFFSETS_RETENTION_MINUTES', 1);
  const settings: Settings = {
    nodeId: integer(seen, 'KAFKA_NODE_ID', 0) ?? integer(seen, 'KAFKA_BROKER_ID', 0) ?? d.nodeId,
    defaultPartitions: integer(seen, 'KAFKA_NUM_PARTITIONS', 1) ?? d.defaultPartitions,
    autoCreateTopics: boolean(seen, 'KAFKA_AUTO_CREATE_TOPICS_ENABLE') ?? d.autoCreateTopics,
    deleteTopics: boolean(seen, 'KAFKA_DELETE_TOPIC_ENABLE') ?? d.deleteTopics,
    messageMaxBytes: integer(seen, 'KAFKA_MESSAGE_MAX_BYTES', 0) ?? d.messageMaxBytes,
    retentionMs: retentionMs(seen) ?? d.retentionMs,
    retentionBytes: integer(seen, 'KAFKA_LOG_RETENTION_BYTES', -1) ?? d.retentionBytes,
    retentionCheckMs: integer(seen, 'KAFKA_LOG_RETENTION_CHECK_INTERVAL_MS', 1) ?? d.retentionCheckMs,
    totalMaxBytes: integer(seen, 'FLOTILLA_KAFKA_MAX_BYTES', 1_048_576) ?? d.totalMaxBytes,
    groupInitialRebalanceDelayMs:
      integer(seen, 'KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS', 0) ?? d.groupInitialRebalanceDelayMs,
    groupMinSessionTimeoutMs: integer(seen, 'KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS', 1) ?? d.groupMinSessionTimeoutMs,
    groupMaxSessionTimeoutMs: integer(seen, 'KAFKA_GROUP_MAX_SESSION_TIMEOUT_MS', 1) ?? d.groupMaxSessionTimeoutMs,
    offsetsRetentionMs: offsetsMinutes === null ? d.offsetsRetentionMs : offsetsMinutes * 60_000,
  };
  const ignored = Object.keys(environment).filter(
    (name) => name.startsWith('KAFKA_') && !used.has(name) && !MEANINGLESS.test(name),
  );
  return { settings, ignored };
}
