import {
  alterConfigs,
  ConfigOperation,
  ConfigSource,
  describeConfigs,
  ErrorCode,
  incrementalAlterConfigs,
  ResourceType,
} from '../../../../../kafka-protocol/index.ts';
import { type Route, route } from '../net/route.ts';
import type { Settings } from '../settings.ts';
import { ConfigType, configProblem, effectiveConfigs, isListConfig } from '../topic-configs.ts';
import type { Refusal, Topic, Topics } from '../topics.ts';

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
  readonly configType: number;
}

const unknownTopic = (name: string): Refusal => ({
  errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  message: `The topic '${name}' does not exist.`,
});

function brokerConfigs(settings: Settings): [name: string, value: string, type: number][] {
  return [
    ['auto.create.topics.enable', String(settings.autoCreateTopics), ConfigType.BOOLEAN],
    ['broker.id', String(settings.nodeId), ConfigType.INT],
    ['delete.topic.enable', String(settings.deleteTopics), ConfigType.BOOLEAN],
    ['group.initial.rebalance.delay.ms', String(settings.groupInitialRebalanceDelayMs), ConfigType.INT],
    ['group.max.session.timeout.ms', String(settings.groupMaxSessionTimeoutMs), ConfigType.INT],
    ['group.min.session.timeout.ms', String(settings.groupMinSessionTimeoutMs), ConfigType.INT],
    ['log.retention.bytes', String(settings.retentionBytes), ConfigType.LONG],
    ['log.retention.ms', String(settings.retentionMs), ConfigType.LONG],
    ['message.max.bytes', String(settings.messageMaxBytes), ConfigType.INT],
    ['node.id', String(settings.nodeId), ConfigType.INT],
    ['num.partitions', String(settings.defaultPartitions), ConfigType.INT],
    ['offsets.retention.minutes', String(Math.round(settings.offsetsRetentionMs / 60_000)), ConfigType.INT],
  ];
}

function describeRoute(topics: Topics, settings: Settings): Route {
  const ofTopic = (topic: Topic): DescribedConfig[] =>
    effectiveConfigs(topic.configs, settings).map(({ name, value, type, isDefault }) => {
      const source = isDefault ? ConfigSource.DEFAULT : ConfigSource.TOPIC;
      return { name, value, readOnly: false, configSource: source, isSensitive: false, configType: type };
    });
  const ofBroker = (): DescribedConfig[] =>
    brokerConfigs(settings).map(([name, value, configType]) => {
      return { name, value, readOnly: true, configSource: ConfigSource.BROKER, isSensitive: false, configType };
    });

  function configsOf({ resourceType, resourceName }: Resource): DescribedConfig[] | Refusal {
    if (resourceType === ResourceType.BROKER) return ofBroker();
    if (resourceType !== ResourceType.TOPIC) return [];
    const topic = topics.get(resourceName);
    return topic === undefined ? unknownTopic(resourceName) : ofTopic(topic);
  }

  return route(describeConfigs, (request) => ({
    results: request.resources.map((resource) => {
      const { resourceType, resourceName } = resource;
      const found = configsOf(resource);
      if (!Array.isArray(found)) {
        return { resourceType, resourceName, errorCode: found.errorCode, errorMessage: found.message, configs: [] };
      }
      const keys = resource.configurationKeys;
      const wanted = keys === null || keys.length === 0 ? found : found.filter(({ name }) => keys.includes(name));
      const configs = wanted.map((config) => {
        const { name, value, configSource: source } = config;
        return { ...config, synonyms: request.includeSynonyms ? [{ name, value, source }] : [] };
      });
      return { resourceType, resourceName, errorCode: ErrorCode.NONE, errorMessage: null, configs };
    }),
  }));
}

interface Change {
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

function changed(current: ReadonlyMap<string, string>, change: Change, settings: Settings): string | null {
  if (change.configOperation === ConfigOperation.SET) return change.value;
  const effective = effectiveConfigs(current, settings).find(({ name }) => name === change.name)?.value ?? '';
  const words = effective.split(',').filter((word) => word !== '');
  const given = (change.value ?? '').split(',');
  if (change.configOperation === ConfigOperation.APPEND) return [...new Set([...words, ...given])].join(',');
  return words.filter((word) => !given.includes(word)).join(',');
}

function applyChanges(topic: Topic, changes: readonly Change[], settings: Settings): Map<string, string> | Refusal {
  const next = new Map(topic.configs);
  for (const change of changes) {
    if (change.configOperation === ConfigOperation.DELETE) {
      next.delete(change.name);
      continue;
    }
    if (change.configOperation !== ConfigOperation.SET && !isListConfig(change.name)) {
      return {
        errorCode: ErrorCode.INVALID_CONFIG,
        message: `Config value append is not allowed for config key: ${change.name}`,
      };
    }
    const value = changed(next, change, settings);
    const problem = configProblem(change.name, value);
    if (problem !== null || value === null) return { errorCode: ErrorCode.INVALID_CONFIG, message: problem ?? 'null' };
    next.set(change.name, value);
  }
  return next;
}

/** DescribeConfigs, AlterConfigs and IncrementalAlterConfigs, for topics. The broker's own settings are read-only. */
export function configRoutes(topics: Topics, settings: Settings): Route[] {
  function alter(resource: Resource, build: (topic: Topic) => Map<string, string> | Refusal, validateOnly: boolean) {
    const { resourceType, resourceName } = resource;
    const answer = (refusal: Refusal | null) => ({
      errorCode: refusal?.errorCode ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? null,
      resourceType,
      resourceName,
    });
    if (resourceType !== ResourceType.TOPIC) {
      return answer({
        errorCode: ErrorCode.INVALID_REQUEST,
        message: 'This embedded broker only changes the settings of topics.',
      });
    }
    const topic = topics.get(resourceName);
    if (topic === undefined) return answer(unknownTopic(resourceName));
    const next = build(topic);
    if (!(next instanceof Map)) return answer(next);
    if (!validateOnly) topics.setConfigs(topic, next);
    return answer(null);
  }

  return [
    describeRoute(topics, settings),
    route(alterConfigs, ({ resources, validateOnly }) => ({
      responses: resources.map((resource) => {
        const changes = resource.configs.map(({ name, value }) => {
          const configOperation = value === null ? ConfigOperation.DELETE : ConfigOperation.SET;
          return { name, value, configOperation };
        });
        // What this call does not name goes back to its default.
        const build = (topic: Topic) => applyChanges({ ...topic, configs: new Map() }, changes, settings);
        return alter(resource, build, validateOnly);
      }),
    })),
    route(incrementalAlterConfigs, ({ resources, validateOnly }) => ({
      responses: resources.map((resource) =>
        alter(resource, (topic) => applyChanges(topic, resource.configs, settings), validateOnly),
      ),
    })),
  ];
}
