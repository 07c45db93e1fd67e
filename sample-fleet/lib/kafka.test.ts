import { expect, it, vi } from 'vitest';
import { ensureTopics, type Kafka } from './kafka.ts';

/** A broker that has some topics, and serves those that it is asked for only the second time. */
function createBroker(existing: string[]) {
  let asked = 0;
  const admin = {
    connect: vi.fn(async () => undefined),
    disconnect: vi.fn(async () => undefined),
    listTopics: async () => existing,
    createTopics: vi.fn(async () => false),
    fetchTopicMetadata: vi.fn(async () => {
      asked += 1;
      if (asked === 1) throw new Error('This server does not host this topic-partition');
    }),
  };
  return { admin, kafka: { admin: () => admin } as unknown as Kafka };
}

it('waits until topics are served, also those that another service has just created', async () => {
  const { admin, kafka } = createBroker(['a']);
  await ensureTopics(kafka, ['a', 'b'], 2);
  expect(admin.createTopics).toHaveBeenCalledWith({
    waitForLeaders: true,
    topics: [{ topic: 'b', numPartitions: 2, replicationFactor: 1 }],
  });
  expect(admin.fetchTopicMetadata.mock.calls).toEqual([[{ topics: ['a', 'b'] }], [{ topics: ['a', 'b'] }]]);
  expect(admin.disconnect).toHaveBeenCalledOnce();
});

it('creates none that is there', async () => {
  const { admin, kafka } = createBroker(['a']);
  await ensureTopics(kafka, ['a']);
  expect(admin.createTopics).not.toHaveBeenCalled();
});
