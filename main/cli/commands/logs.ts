import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { FlotillaError, type LogRecord } from '../../contract/index.ts';
import { withEngine } from '../context.ts';
import { integer, jsonOption, lastOption } from '../options.ts';
import { note, paint, printLine } from '../output.ts';

const CREDITS = 2000;
const levelColours = {
  trace: 'grey',
  debug: 'grey',
  info: 'blue',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
} as const;

/** What is asked for as one search: the named services and the query both have to match. */
export function logQuery(services: readonly string[], query: string): string {
  const named = services.length === 0 ? '' : `service:${services.map((one) => JSON.stringify(one)).join(',')}`;
  return named && query ? `${named} (${query})` : named || query;
}

function lineText(record: LogRecord, width: number): string {
  const time = paint('grey', record.time.slice(11, 23));
  const level = paint(levelColours[record.level], record.level.toUpperCase().padEnd(5));
  const trace = record.traceId ? paint('grey', ` trace=${record.traceId.slice(0, 8)}`) : '';
  return `${time} ${level} ${paint('bold', record.service.padEnd(width))} ${record.message}${trace}`;
}

async function follow(
  client: Client,
  query: string,
  afterSeq: number | undefined,
  show: (line: LogRecord) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = client.subscribe(
      'logs.tail',
      { query, credits: CREDITS, ...(afterSeq === undefined ? {} : { afterSeq }) },
      {
        onData({ streamId, lines, skipped }) {
          for (const line of lines) show(line);
          if (skipped > 0)
            note(
              paint(
                'yellow',
                `${skipped} lines were skipped: they came faster than they could be shown.`,
                process.stderr,
              ),
            );
          // A stream that broke off begins with credits of its own when it goes on.
          if (lines.length > 0)
            void client.call('logs.credit', { streamId, credits: lines.length }).catch(() => undefined);
        },
        onError: reject,
        onEnd: resolve,
      },
    );
    process.once('SIGINT', () => {
      stop();
      resolve();
    });
  });
}

/** A service that is not of the fleet may still have sent logs; one that has none either is most likely misspelt. */
async function refuseUnknown(client: Client, named: readonly string[], found: readonly LogRecord[]): Promise<void> {
  const { fleet } = await client.call('engine.state', undefined);
  if (fleet === null) return;
  const known = fleet.services.map((one): string => one.id);
  for (const service of named) {
    if (known.includes(service) || found.some((one) => one.service === service)) continue;
    const query = logQuery([service], '');
    const [line] = await client.call('logs.search', { query, range: { fromMs: 0, toMs: Date.now() }, limit: 1 });
    if (line === undefined) throw new FlotillaError('SERVICE_UNKNOWN', { service, known: known.join(', ') });
  }
}

interface LogOptions {
  json: boolean;
  last: number;
  query: string;
  limit: number;
  follow: boolean;
}

export function addLogs(program: Command): void {
  program
    .command('logs [service...]')
    .description('log lines of all or some services')
    .option('-f, --follow', 'go on with new lines as they come', false)
    .option('--query <query>', 'such as: level>=warn "timed out"', '')
    .option('--limit <n>', 'how many of the past at the most', integer(1, 5000), 200)
    .addOption(lastOption('1h'))
    .addOption(jsonOption())
    .action((services: string[], options: LogOptions) =>
      withEngine(async (client) => {
        const query = logQuery(services, options.query);
        const past = await client.call('logs.search', { query, range: { lastMs: options.last }, limit: options.limit });
        await refuseUnknown(client, services, past);
        const width = Math.max(8, ...past.map((one) => one.service.length));
        const show = (record: LogRecord): void => printLine(options.json, record, () => lineText(record, width));
        for (const record of past) show(record);
        if (options.follow) await follow(client, query, past.at(-1)?.seq, show);
        else if (past.length === 0 && !options.json)
          note('No line matches. Look further back with --last 6h, or widen --query.');
      }),
    );
}
