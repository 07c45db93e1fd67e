import { Reader } from '../kafka-protocol/index.ts';

/** What a member of a group was given, from the consumer protocol's encoding; empty for other protocols and before it is. */
export function readAssignment(bytes: Buffer): { topic: string; partitions: number[] }[] {
  if (bytes.length === 0) return [];
  try {
    const reader = new Reader(bytes);
    reader.int16();
    const topics: { topic: string; partitions: number[] }[] = [];
    for (let left = reader.int32(); left > 0; left -= 1) {
      const topic = reader.utf8(reader.int16());
      const partitions: number[] = [];
      for (let more = reader.int32(); more > 0; more -= 1) partitions.push(reader.int32());
      topics.push({ topic, partitions: partitions.sort((a, b) => a - b) });
    }
    return topics.sort((a, b) => a.topic.localeCompare(b.topic));
  } catch {
    return [];
  }
}
