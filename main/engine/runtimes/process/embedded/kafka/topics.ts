import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ErrorCode } from '../../../../kafka-protocol/index.ts';
import { type LogHost, PartitionLog } from './log/partition-log.ts';
import { LogStorage } from './log/storage.ts';
import type { Settings } from './settings.ts';
import { policyOf, type TopicPolicy } from './topic-configs.ts';

export const MAX_PARTITIONS_PER_TOPIC = 1000;
const MAX_PARTITIONS = 10_000;
const MAX_NAME_LENGTH = 249;

export interface Topic {
  readonly name: string;
  readonly id: string;
  /** The settings that differ from the broker's. Change them by `setConfigs`. */
  configs: ReadonlyMap<string, string>;
  policy: TopicPolicy;
  readonly partitions: PartitionLog[];
}

/** An error of the protocol with the sentence that Kafka's tools show. */
export interface Refusal {
  readonly errorCode: number;
  readonly message: string;
}

interface StoredTopic {
  readonly name: string;
  readonly id: string;
  readonly configs: Readonly<Record<string, string>>;
  readonly logStartOffsets: readonly number[];
}

function newTopicId(): string {
  // As Kafka does it: an id that begins with a dash would look like an option to its tools.
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

/** The topics of this broker, the memory that they share, and the file that lists them. */
export class Topics implements LogHost {
  readonly storage: LogStorage | null;
  private readonly settings: Settings;
  private readonly file: string | null;
  private readonly byName = new Map<string, Topic>();
  private readonly byId = new Map<string, Topic>();
  private readonly writeLog: (line: string) => void;
  private totalBytes = 0;
  private restoring = false;

  constructor(settings: Settings, dataDir: string | null, log: (line: string) => void) {
    this.settings = settings;
    this.writeLog = log;
    this.storage = dataDir === null ? null : new LogStorage(dataDir);
    this.file = dataDir === null ? null : path.join(dataDir, 'topics.json');
    this.restore();
  }

  log(line: string): void {
    this.writeLog(line);
  }

  all(): Topic[] {
    return [...this.byName.values()];
  }

  get(name: string): Topic | undefined {
    return this.byName.get(name);
  }

  getById(id: string): Topic | undefined {
    return this.byId.get(id);
  }

  partition(name: string, partition: number): PartitionLog | undefined {
    return this.byName.get(name)?.partitions[partition];
  }

  /** Says why a topic of this name and size cannot be created, or null. */
  refusal(name: string, partitions: number): Refusal | null {
    if (!/^[a-zA-Z0-9._-]+$/.test(name) || name.length > MAX_NAME_LENGTH || name === '.' || name === '..') {
      return { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, message: `Topic name is invalid: '${name}'` };
    }
    if (this.byName.has(name)) {
      return { errorCode: ErrorCode.TOPIC_ALREADY_EXISTS, message: `Topic '${name}' already exists.` };
    }
    return this.partitionsRefusal(partitions, partitions);
  }

  /** Says why there cannot be `added` more partitions, `count` of them in one topic, or null. */
  partitionsRefusal(count: number, added: number): Refusal | null {
    if (count < 1) {
      return {
        errorCode: ErrorCode.INVALID_PARTITIONS,
        message: 'Number of partitions was set to an invalid non-positive value.',
      };
    }
    let existing = 0;
    for (const topic of this.byName.values()) existing += topic.partitions.length;
    if (count > MAX_PARTITIONS_PER_TOPIC || existing + added > MAX_PARTITIONS) {
      const message = `This embedded broker holds ${MAX_PARTITIONS_PER_TOPIC} partitions a topic and ${MAX_PARTITIONS} in all.`;
      return { errorCode: ErrorCode.POLICY_VIOLATION, message };
    }
    return null;
  }

  /** Creates a topic that `refusal` has nothing against. */
  create(name: string, partitions: number, configs: ReadonlyMap<string, string> = new Map()): Topic {
    const topic = this.admit(name, newTopicId(), configs);
    this.growTo(topic, partitions);
    return topic;
  }

  private admit(name: string, id: string, configs: ReadonlyMap<string, string>): Topic {
    const topic: Topic = { name, id, configs, policy: policyOf(configs, this.settings), partitions: [] };
    this.byName.set(name, topic);
    this.byId.set(id, topic);
    return topic;
  }

  growTo(topic: Topic, partitions: number): void {
    for (let index = topic.partitions.length; index < partitions; index += 1) {
      topic.partitions.push(new PartitionLog(topic.id, index, this));
    }
    this.save();
  }

  delete(topic: Topic): void {
    this.byName.delete(topic.name);
    this.byId.delete(topic.id);
    this.save();
    for (const partition of topic.partitions) partition.discard();
    this.storage?.removeTopic(topic.id);
  }

  setConfigs(topic: Topic, configs: ReadonlyMap<string, string>): void {
    topic.configs = configs;
    topic.policy = policyOf(configs, this.settings);
    this.save();
  }

  deleteRecords(partition: PartitionLog, offset: number): void {
    partition.deleteBefore(offset);
    this.save();
  }

  /** Applies each topic's own retention. */
  enforceRetention(nowMs: number): void {
    for (const topic of this.byName.values()) {
      for (const partition of topic.partitions) {
        partition.retain(topic.policy.retentionMs, topic.policy.retentionBytes, nowMs);
      }
    }
  }

  reserve(bytes: number): void {
    this.totalBytes += bytes;
    if (bytes > 0 && !this.restoring) this.evict();
  }

  /** Drops the oldest segment of all until what is kept is within the bound. */
  private evict(): void {
    while (this.totalBytes > this.settings.totalMaxBytes) {
      let oldest: { partition: PartitionLog; at: number } | null = null;
      for (const topic of this.byName.values()) {
        for (const partition of topic.partitions) {
          const at = partition.oldestAppendMs;
          if (at !== null && at < (oldest?.at ?? Number.POSITIVE_INFINITY)) oldest = { partition, at };
        }
      }
      if (oldest === null) return;
      oldest.partition.dropOldest();
    }
  }

  private save(): void {
    if (this.file === null) return;
    const stored: StoredTopic[] = this.all().map((topic) => ({
      name: topic.name,
      id: topic.id,
      configs: Object.fromEntries(topic.configs),
      logStartOffsets: topic.partitions.map((partition) => partition.logStartOffset),
    }));
    // Written beside it and renamed: a reader finds the old list or the new one, never half of it.
    fs.writeFileSync(`${this.file}.new`, JSON.stringify({ version: 1, topics: stored }));
    fs.renameSync(`${this.file}.new`, this.file);
  }

  private restore(): void {
    if (this.file === null || this.storage === null) return;
    this.restoring = true;
    for (const stored of readStored(this.file)) {
      const topic = this.admit(stored.name, stored.id, new Map(Object.entries(stored.configs)));
      stored.logStartOffsets.forEach((logStartOffset, index) => {
        const partition = new PartitionLog(stored.id, index, this);
        partition.restore(this.storage?.loadSegments(stored.id, index) ?? [], logStartOffset);
        topic.partitions.push(partition);
      });
    }
    this.storage.removeAllBut(new Set(this.byId.keys()));
    this.restoring = false;
    this.evict();
  }
}

/** @throws Error with one sentence when the file is not one of ours. */
function readStored(file: string): StoredTopic[] {
  if (!fs.existsSync(file)) return [];
  try {
    const content = JSON.parse(fs.readFileSync(file, 'utf8')) as { version?: unknown; topics?: unknown };
    if (content.version === 1 && Array.isArray(content.topics)) return content.topics as StoredTopic[];
  } catch {
    // Told below, like any other content that is not ours.
  }
  throw new Error(`${file} is damaged. Remove the folder to start with an empty broker`);
}
