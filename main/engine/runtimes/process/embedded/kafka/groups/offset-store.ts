import fs from 'node:fs';

export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string | null;
  readonly commitMs: number;
}

type PartitionOffsets = Map<number, CommittedOffset>;
type TopicOffsets = Map<string, PartitionOffsets>;

/** The journal is written anew when it has this many times the lines that it needs, and at least this many. */
const COMPACT_FACTOR = 4;
const COMPACT_FROM_LINES = 10_000;

/** `[group, topic, partition, offset, leader epoch, metadata, commit time]`, or without the last four: deleted. */
type Line =
  | readonly [string, string, number, number, number, string | null, number]
  | readonly [string, string, number];

/**
 * What consumer groups have committed, in memory and, where there is a data folder, in a journal of JSON lines that is
 * read back when the broker starts.
 */
export class OffsetStore {
  private readonly groups = new Map<string, TopicOffsets>();
  private readonly file: string | null;
  private fd: number | null = null;
  private lines = 0;

  /** @param log hears of lines in the journal that cannot be read (a torn end). */
  constructor(file: string | null, log: (line: string) => void) {
    this.file = file;
    if (file === null) return;
    if (fs.existsSync(file)) this.restore(fs.readFileSync(file, 'utf8'), log);
    this.compact();
  }

  private restore(text: string, log: (line: string) => void): void {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      try {
        const [group, topic, partition, offset, leaderEpoch, metadata, commitMs] = JSON.parse(line) as Line;
        if (offset === undefined || leaderEpoch === undefined || metadata === undefined || commitMs === undefined) {
          this.forget(group, topic, partition);
        } else {
          this.remember(group, topic, partition, { offset, leaderEpoch, metadata, commitMs });
        }
      } catch {
        log(`a line of ${line.length} characters in the journal of offsets is damaged and was left out`);
      }
    }
  }

  groupIds(): string[] {
    return [...this.groups.keys()];
  }

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.groups.get(group)?.get(topic)?.get(partition);
  }

  topicsOf(group: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.groups.get(group) ?? new Map();
  }

  has(group: string): boolean {
    return this.groups.has(group);
  }

  commit(group: string, topic: string, partition: number, committed: CommittedOffset): void {
    this.remember(group, topic, partition, committed);
    const { offset, leaderEpoch, metadata, commitMs } = committed;
    this.write([group, topic, partition, offset, leaderEpoch, metadata, commitMs]);
  }

  delete(group: string, topic: string, partition: number): void {
    if (this.forget(group, topic, partition)) this.write([group, topic, partition]);
  }

  deleteGroup(group: string): void {
    for (const [topic, partitions] of [...this.topicsOf(group)]) {
      for (const partition of [...partitions.keys()]) this.delete(group, topic, partition);
    }
  }

  deleteTopic(topic: string): void {
    for (const [group, topics] of [...this.groups]) {
      for (const partition of [...(topics.get(topic)?.keys() ?? [])]) this.delete(group, topic, partition);
    }
  }

  /** Drops what `group` committed before `beforeMs`. */
  expire(group: string, beforeMs: number): void {
    for (const [topic, partitions] of [...this.topicsOf(group)]) {
      for (const [partition, { commitMs }] of [...partitions]) {
        if (commitMs < beforeMs) this.delete(group, topic, partition);
      }
    }
  }

  close(): void {
    if (this.fd !== null) fs.closeSync(this.fd);
    this.fd = null;
  }

  private remember(group: string, topic: string, partition: number, committed: CommittedOffset): void {
    const topics = this.groups.get(group) ?? new Map<string, PartitionOffsets>();
    const partitions = topics.get(topic) ?? new Map<number, CommittedOffset>();
    partitions.set(partition, committed);
    topics.set(topic, partitions);
    this.groups.set(group, topics);
  }

  private forget(group: string, topic: string, partition: number): boolean {
    const topics = this.groups.get(group);
    const partitions = topics?.get(topic);
    if (topics === undefined || !partitions?.delete(partition)) return false;
    if (partitions.size === 0) topics.delete(topic);
    if (topics.size === 0) this.groups.delete(group);
    return true;
  }

  private write(line: Line): void {
    if (this.fd === null) return;
    fs.writeSync(this.fd, `${JSON.stringify(line)}\n`);
    this.lines += 1;
    if (this.lines >= COMPACT_FROM_LINES && this.lines >= this.liveLines().length * COMPACT_FACTOR) this.compact();
  }

  private liveLines(): string[] {
    const live: string[] = [];
    for (const [group, topics] of this.groups) {
      for (const [topic, partitions] of topics) {
        for (const [partition, { offset, leaderEpoch, metadata, commitMs }] of partitions) {
          const line: Line = [group, topic, partition, offset, leaderEpoch, metadata, commitMs];
          live.push(`${JSON.stringify(line)}\n`);
        }
      }
    }
    return live;
  }

  private compact(): void {
    if (this.file === null) return;
    const live = this.liveLines();
    fs.writeFileSync(`${this.file}.new`, live.join(''));
    this.close();
    fs.renameSync(`${this.file}.new`, this.file);
    this.fd = fs.openSync(this.file, 'a');
    this.lines = live.length;
  }
}
