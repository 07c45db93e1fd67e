import type { Settings } from './settings.ts';

/** The types of DescribeConfigs. */
export const ConfigType = { BOOLEAN: 1, STRING: 2, INT: 3, LONG: 5, DOUBLE: 6, LIST: 7 } as const;

interface ConfigDefinition {
  readonly type: number;
  readonly valid: (value: string) => boolean;
  readonly fallback: (settings: Settings) => string;
}

const integer =
  (minimum: number) =>
  (value: string): boolean =>
    /^-?\d{1,19}$/.test(value) && Number(value) >= minimum;
const oneOf =
  (...allowed: string[]) =>
  (value: string): boolean =>
    value.split(',').every((word) => allowed.includes(word.trim()));
const isBoolean = oneOf('true', 'false');
const long = (minimum: number, fallback: string): ConfigDefinition => ({
  type: ConfigType.LONG,
  valid: integer(minimum),
  fallback: () => fallback,
});

/**
 * The topic settings that can be set and read. Those that this broker acts on are retention.*, max.message.bytes,
 * message.timestamp.type and cleanup.policy (a compacted topic is never shortened by its own retention; compaction itself
 * does not happen). The others are kept and shown, so that scripts that set them work.
 */
const definitions: Readonly<Record<string, ConfigDefinition>> = {
  'cleanup.policy': { type: ConfigType.LIST, valid: oneOf('delete', 'compact'), fallback: () => 'delete' },
  'compression.type': {
    type: ConfigType.STRING,
    valid: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    fallback: () => 'producer',
  },
  'delete.retention.ms': long(0, '86400000'),
  'file.delete.delay.ms': long(0, '60000'),
  'flush.messages': long(1, '9223372036854775807'),
  'flush.ms': long(0, '9223372036854775807'),
  'index.interval.bytes': { type: ConfigType.INT, valid: integer(0), fallback: () => '4096' },
  'max.compaction.lag.ms': long(1, '9223372036854775807'),
  'max.message.bytes': {
    type: ConfigType.INT,
    valid: integer(0),
    fallback: (settings) => String(settings.messageMaxBytes),
  },
  'message.timestamp.after.max.ms': long(0, '3600000'),
  'message.timestamp.before.max.ms': long(0, '9223372036854775807'),
  'message.timestamp.type': {
    type: ConfigType.STRING,
    valid: oneOf('CreateTime', 'LogAppendTime'),
    fallback: () => 'CreateTime',
  },
  'min.cleanable.dirty.ratio': {
    type: ConfigType.DOUBLE,
    valid: (value) => Number(value) >= 0 && Number(value) <= 1,
    fallback: () => '0.5',
  },
  'min.compaction.lag.ms': long(0, '0'),
  'min.insync.replicas': { type: ConfigType.INT, valid: integer(1), fallback: () => '1' },
  preallocate: { type: ConfigType.BOOLEAN, valid: isBoolean, fallback: () => 'false' },
  'retention.bytes': {
    type: ConfigType.LONG,
    valid: integer(-1),
    fallback: (settings) => String(settings.retentionBytes),
  },
  'retention.ms': { type: ConfigType.LONG, valid: integer(-1), fallback: (settings) => String(settings.retentionMs) },
  'segment.bytes': { type: ConfigType.INT, valid: integer(14), fallback: () => '1073741824' },
  'segment.index.bytes': { type: ConfigType.INT, valid: integer(4), fallback: () => '10485760' },
  'segment.jitter.ms': long(0, '0'),
  'segment.ms': long(1, '604800000'),
  'unclean.leader.election.enable': { type: ConfigType.BOOLEAN, valid: isBoolean, fallback: () => 'false' },
};

export interface ConfigValue {
  readonly name: string;
  readonly value: string;
  readonly type: number;
  readonly isDefault: boolean;
}

/** @returns what is wrong with a setting, in Kafka's words, or null. */
export function configProblem(name: string, value: string | null): string | null {
  const definition = definitions[name];
  if (definition === undefined) return `Unknown topic config name: ${name}`;
  if (value === null || !definition.valid(value)) return `Invalid value ${value} for configuration ${name}`;
  return null;
}

export const isListConfig = (name: string): boolean => definitions[name]?.type === ConfigType.LIST;

/** All settings of a topic, in order of their names. */
export function effectiveConfigs(own: ReadonlyMap<string, string>, settings: Settings): ConfigValue[] {
  return Object.entries(definitions).map(([name, definition]) => {
    const set = own.get(name);
    return { name, value: set ?? definition.fallback(settings), type: definition.type, isDefault: set === undefined };
  });
}

/** What the log itself goes by. */
export interface TopicPolicy {
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly maxMessageBytes: number;
  readonly appendTime: boolean;
}

export function policyOf(own: ReadonlyMap<string, string>, settings: Settings): TopicPolicy {
  const compacted = !(own.get('cleanup.policy') ?? 'delete').includes('delete');
  return {
    retentionMs: compacted ? -1 : Number(own.get('retention.ms') ?? settings.retentionMs),
    retentionBytes: compacted ? -1 : Number(own.get('retention.bytes') ?? settings.retentionBytes),
    maxMessageBytes: Number(own.get('max.message.bytes') ?? settings.messageMaxBytes),
    appendTime: own.get('message.timestamp.type') === 'LogAppendTime',
  };
}
