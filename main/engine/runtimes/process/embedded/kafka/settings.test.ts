import { expect, test } from 'vitest';
import { defaultSettings, readSettings } from './settings.ts';

test('reads the variables of the public image and names those that have no effect', () => {
  const { settings, ignored } = readSettings({
    KAFKA_NUM_PARTITIONS: '3',
    KAFKA_NODE_ID: '7',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'False',
    KAFKA_LOG_RETENTION_HOURS: '2',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://kafka:9092',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_QUOTA_WINDOW_NUM: '11',
    PATH: '/bin',
  });
  const expected = { defaultPartitions: 3, nodeId: 7, autoCreateTopics: false, retentionMs: 7_200_000 };
  expect(settings).toEqual({ ...defaultSettings, ...expected });
  expect(ignored).toEqual(['KAFKA_QUOTA_WINDOW_NUM']);
});

test('the finer unit of retention wins, -1 is without limit', () => {
  const retention = (environment: Record<string, string>) => readSettings(environment).settings.retentionMs;
  expect(retention({ KAFKA_LOG_RETENTION_MS: '5', KAFKA_LOG_RETENTION_HOURS: '1' })).toBe(5);
  expect(retention({ KAFKA_LOG_RETENTION_MINUTES: '1' })).toBe(60_000);
  expect(retention({ KAFKA_LOG_RETENTION_HOURS: '-1' })).toBe(-1);
});

test.each([
  [{ KAFKA_NUM_PARTITIONS: '0' }, 'KAFKA_NUM_PARTITIONS is "0", but must be a whole number of 1 or more'],
  [{ KAFKA_NUM_PARTITIONS: 'three' }, 'KAFKA_NUM_PARTITIONS is "three"'],
  [{ KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'yes' }, 'must be true or false'],
])('refuses %j', (environment, sentence) => {
  expect(() => readSettings(environment)).toThrow(sentence);
});
