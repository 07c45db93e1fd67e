import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKafka } from '../../main/engine/kafka/index.ts';
import { type BrokerProgram, buildBroker, startBroker, temporaryFolder } from './support/broker-program.ts';
import { eventually } from './support/clients.ts';
import { findJavaTools, type JavaTools, type RunningTool } from './support/java-tools.ts';

/*
 * The embedded broker, asked by Apache Kafka's own Java clients. They are downloaded by Maven on the first run; where that
 * is not possible, these tests are skipped and say why.
 */
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const TOPICS = 'TopicCommand';
const GROUPS = 'consumer.group.ConsumerGroupCommand';
const CONSUMER = 'consumer.ConsoleConsumer';

let folder: string;
let broker: BrokerProgram;
/** The console's own view of the broker. */
const kafka = createKafka({ broker: () => ({ service: 'kafka', address: broker.address, topicDescriptions: {} }) });

beforeAll(async () => {
  folder = await temporaryFolder();
  broker = await startBroker(await buildBroker(folder), { DATA_DIR: join(folder, 'data') });
});
afterAll(async () => {
  await kafka.close();
  await broker.end('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

for (const version of ['4.1.0', '3.9.1']) {
  const tools = findJavaTools(version);
  if ('missing' in tools) {
    console.warn(`Skipped: Kafka's Java tools ${version}: ${tools.missing}.`);
    test.skip(`Java clients ${version}: ${tools.missing}`);
  } else {
    describe(`Java clients ${version}`, { timeout: 240_000 }, () => javaTests(tools, version.replaceAll('.', '-')));
  }
}

function javaTests(tools: JavaTools, suffix: string): void {
  afterEach(() => tools.stopAll());
  const here = () => ['--bootstrap-server', broker.address];
  const create = (topic: string, partitions: number) =>
    tools.run(TOPICS, ...here(), '--create', '--topic', topic, '--partitions', String(partitions));
  /** One record per line of the payload file, by the producer that every version of the tools has. */
  const produce = async (topic: string, text: string, ...properties: string[]) => {
    const file = join(folder, `payload-${topic}`);
    await writeFile(file, `${text}\n`);
    const props = [`bootstrap.servers=${broker.address}`, ...properties];
    const args = ['--topic', topic, '--num-records', '1', '--payload-file', file, '--throughput', '-1'];
    return tools.run('ProducerPerformance', ...args, '--producer-props', ...props);
  };

  test('create, describe, change and delete topics', async () => {
    const topic = `made-${suffix}`;
    await create(topic, 3);
    const described = await tools.run(TOPICS, ...here(), '--describe', '--topic', topic);
    expect(described).toMatch(new RegExp(`Topic: ${topic}\\s.*PartitionCount: 3\\s.*ReplicationFactor: 1`));
    expect(described.match(/Leader: 1\s+Replicas: 1\s+Isr: 1/g)).toHaveLength(3);
    await tools.run(TOPICS, ...here(), '--alter', '--topic', topic, '--partitions', '5');
    expect(await tools.run(TOPICS, ...here(), '--describe', '--topic', topic)).toContain('PartitionCount: 5');
    await expect(create(topic, 1)).rejects.toThrow('already exists');
    await tools.run(TOPICS, ...here(), '--delete', '--topic', topic);
    expect(await tools.run(TOPICS, ...here(), '--list')).not.toContain(topic);
  });

  test('what is produced in each compression is consumed, by them and by the console', async () => {
    const topic = `packed-${suffix}`;
    await create(topic, 1);
    for (const codec of CODECS) await produce(topic, `${codec} ${'abc'.repeat(100)}`, `compression.type=${codec}`);
    const args = ['--topic', topic, '--from-beginning', '--max-messages', '5', '--timeout-ms', '20000'];
    const read = await tools.run(CONSUMER, ...here(), ...args);
    for (const codec of CODECS) expect(read).toContain(`${codec} ${'abc'.repeat(100)}`);

    const query = { topic, from: { at: 'earliest' as const }, limit: 10 };
    const { messages } = await kafka.handlers['kafka.messages'](query, new AbortController().signal);
    const zstd = 'zstdDecompressSync' in (await import('node:zlib'));
    const expected = CODECS.map((codec) =>
      codec === 'zstd' && !zstd ? expect.stringContaining('Zstandard') : `${codec} ${'abc'.repeat(100)}`,
    );
    expect(messages.map(({ value }) => value.text)).toEqual(expected);
  });

  test('two members share a group, one takes over, offsets are reset', async () => {
    const topic = `shared-${suffix}`;
    const group = `team-${suffix}`;
    await create(topic, 4);
    const join = (): RunningTool =>
      tools.start(CONSUMER, ...here(), '--topic', topic, '--group', group, '--from-beginning');
    const members = [join(), join()];
    const shares = async (): Promise<string> => {
      const detail = await kafka.handlers['kafka.group']({ group }, new AbortController().signal);
      return detail.memberList
        .map(({ assignments }) => assignments[0]?.partitions.length ?? 0)
        .sort()
        .join();
    };
    // The first of them may not have joined yet: there is no such group then.
    await eventually(async () => ((await shares().catch(() => '')) === '2,2' ? true : null));
    const table = await tools.run(GROUPS, ...here(), '--describe', '--group', group, '--members');
    expect(table.split('\n').filter((line) => line.startsWith(group))).toHaveLength(2);
    await members[1]?.stop();
    await eventually(async () => ((await shares()) === '4' ? true : null));
    await produce(topic, `after the rebalance of ${group}`);
    await members[0]?.prints(new RegExp(`after the rebalance of ${group}`));
    await members[0]?.stop();

    const described = await tools.run(GROUPS, ...here(), '--describe', '--group', group);
    expect(described.match(new RegExp(`^${group}\\s+${topic}\\s+\\d\\s+(\\d+)\\s+\\1\\s+0\\s`, 'gm'))).toHaveLength(4);
    const reset = ['--group', group, '--topic', topic, '--reset-offsets', '--to-earliest', '--execute'];
    await tools.run(GROUPS, ...here(), ...reset);
    const args = ['--topic', topic, '--group', group, '--max-messages', '1', '--timeout-ms', '20000'];
    expect(await tools.run(CONSUMER, ...here(), ...args)).toContain(`after the rebalance of ${group}`);
    expect(await tools.run(GROUPS, ...here(), '--list', '--state')).toMatch(new RegExp(`${group}\\s+Empty`));
    await tools.run(GROUPS, ...here(), '--delete', '--group', group);
    expect(await tools.run(GROUPS, ...here(), '--list')).not.toContain(group);
  });

  test('kafka-producer-perf-test writes 500,000 records, kafka-consumer-perf-test reads them', async () => {
    const topic = `perf-${suffix}`;
    await create(topic, 2);
    const args = ['--topic', topic, '--num-records', '500000', '--record-size', '100', '--throughput', '-1'];
    const written = await tools.run(
      'ProducerPerformance',
      ...args,
      '--producer-props',
      `bootstrap.servers=${broker.address}`,
    );
    const rate = Number(/500000 records sent, ([\d.]+) records\/sec/.exec(written)?.[1]);
    console.info(`${suffix}: ${Math.round(rate)} records/s of 100 bytes produced by the Java client`);
    expect(rate).toBeGreaterThan(20_000);
    const ends = await tools.run('GetOffsetShell', ...here(), '--topic', topic, '--time', '-1');
    const counts = [...ends.matchAll(/:\d+:(\d+)$/gm)].map(([, count]) => Number(count));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(500_000);
    const read = await tools.run('ConsumerPerformance', ...here(), '--topic', topic, '--messages', '500000');
    expect(read).toMatch(/, 500\d{3}, /);
  });

  test('tell sizes, delete records, list what the broker speaks', async () => {
    const topic = `sized-${suffix}`;
    await create(topic, 1);
    await produce(topic, 'x'.repeat(1000));
    await produce(topic, 'y');
    const sizes = await tools.run('LogDirsCommand', ...here(), '--describe', '--topic-list', topic);
    expect(Number(/"size":(\d+)/.exec(sizes)?.[1])).toBeGreaterThan(1000);
    const file = join(folder, `delete-${suffix}.json`);
    await writeFile(file, JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset: 1 }] }));
    const deleted = await tools.run('DeleteRecordsCommand', ...here(), '--offset-json-file', file);
    expect(deleted).toContain('low_watermark: 1');
    const earliest = await tools.run('GetOffsetShell', ...here(), '--topic', topic, '--time', '-2');
    expect(earliest).toContain(`${topic}:0:1`);
    // It moved into this package with 4.0, like the console producer below.
    if (suffix.startsWith('3')) return;
    expect(await tools.run('BrokerApiVersionsCommand', ...here())).toContain('Fetch(1): 4 to 17');
  });

  // The tools of 3.9 have their console producer in another package.
  const consoleProducer = async () => {
    const topic = `typed-${suffix}`;
    await create(topic, 1);
    const producer = tools.start(
      'ConsoleProducer',
      ...here(),
      '--topic',
      topic,
      '--compression-codec',
      'lz4',
      '--property',
      'parse.key=true',
    );
    producer.write('k1\tone\nk2\ttwo\n');
    expect((await producer.ended).code).toBe(0);
    const args = [
      '--topic',
      topic,
      '--from-beginning',
      '--max-messages',
      '2',
      '--timeout-ms',
      '20000',
      '--property',
      'print.key=true',
    ];
    expect(await tools.run(CONSUMER, ...here(), ...args)).toMatch(/k1\tone\nk2\ttwo/);
  };
  if (!suffix.startsWith('3')) test('the console producer', consoleProducer);
}
