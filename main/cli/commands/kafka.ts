import { type Command, InvalidArgumentError } from 'commander';
import type { ApiInput, KafkaMessage } from '../../contract/index.ts';
import { withEngine } from '../context.ts';
import { formatBytes, formatRate, parseDuration } from '../format.ts';
import { integer, jsonOption } from '../options.ts';
import { note, paint, print, printLine, table } from '../output.ts';

type From = ApiInput<'kafka.messages'>['from'];

/** `latest`, `earliest`, an offset, or how long ago (`5m`). */
export function parseFrom(text: string, nowMs = Date.now()): From {
  if (text === 'latest' || text === 'earliest') return { at: text };
  if (/^\d+$/.test(text)) return { at: 'offset', offset: text };
  const ago = parseDuration(text);
  if (ago === null) throw new InvalidArgumentError('Give latest, earliest, an offset, or how long ago, such as 5m.');
  return { at: 'time', timeMs: nowMs - ago };
}

function messageText(message: KafkaMessage): string {
  const place = paint('grey', `${message.partition}@${message.offset} ${message.timestamp.slice(11, 23)}`);
  return `${place} ${paint('bold', message.key.text)} ${message.value.text.replace(/\s*\n\s*/g, ' ')}`;
}

interface MessageOptions {
  json: boolean;
  partition?: number;
  from: From;
  key?: string;
  text?: string;
  limit: number;
}

export function addKafka(program: Command): void {
  program
    .command('topics')
    .description('the Kafka topics with partitions, sizes and rates')
    .addOption(jsonOption())
    .action(({ json }: { json: boolean }) =>
      withEngine(async (client) => {
        const topics = await client.call('kafka.topics', undefined);
        print(json, topics, () =>
          table(topics, [
            { title: 'topic', value: (one) => one.name },
            { title: 'partitions', align: 'right', value: (one) => String(one.partitions) },
            { title: 'messages', align: 'right', value: (one) => String(one.messages) },
            { title: 'size', align: 'right', value: (one) => formatBytes(one.bytes) },
            { title: 'rate', align: 'right', value: (one) => formatRate(one.ratePerSecond) },
            { title: 'about', value: (one) => one.description },
          ]),
        );
      }),
    );
  program
    .command('groups')
    .description('the consumer groups with members and lag')
    .addOption(jsonOption())
    .action(({ json }: { json: boolean }) =>
      withEngine(async (client) => {
        const groups = await client.call('kafka.groups', undefined);
        print(json, groups, () =>
          table(groups, [
            { title: 'group', value: (one) => one.id },
            { title: 'state', value: (one) => one.state },
            { title: 'members', align: 'right', value: (one) => String(one.members) },
            { title: 'lag', align: 'right', value: (one) => String(one.lag) },
            { title: 'topics', value: (one) => one.topics.join(' ') },
          ]),
        );
      }),
    );
  program
    .command('messages <topic>')
    .description('messages of a topic')
    .option('--partition <n>', 'of one partition only', integer(0, 100_000))
    .option('--from <where>', 'latest, earliest, an offset, or how long ago (5m)', (text) => parseFrom(text), {
      at: 'latest',
    } as From)
    .option('--key <key>', 'with this key only')
    .option('--text <text>', 'with this text in key, value or a header')
    .option('--limit <n>', 'how many at the most', integer(1, 1000), 50)
    .addOption(jsonOption())
    .action((topic: string, { json, partition, from, key, text, limit }: MessageOptions) =>
      withEngine(async (client) => {
        const page = await client.call('kafka.messages', {
          topic,
          from,
          limit,
          ...(partition === undefined ? {} : { partition }),
          ...(key === undefined ? {} : { key }),
          ...(text === undefined ? {} : { text }),
        });
        for (const message of page.messages) printLine(json, message, () => messageText(message));
        if (page.stoppedBy === 'bytes') note('There were too many bytes for more; ask for fewer with --limit.');
        else if (!page.complete && page.stoppedBy !== 'limit')
          note(`Looked at ${page.scanned} messages and stopped there; narrow it with --partition or --from.`);
      }),
    );
}
