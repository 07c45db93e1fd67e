import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../client/index.ts';
import { currentHome, findEngine } from '../../client/node/index.ts';
import {
  type ExperimentCheck,
  type ExperimentRunSummary,
  ExperimentStart,
  type ExperimentSummary,
  experimentVerdict,
  provesNothing,
  ReportFormat,
} from '../../contract/index.ts';
import { noEngine, requireEngine, startEngine, withEngine } from '../context.ts';
import { type RunOptions, runExperiment, WRONG_FILE, writeReport } from '../experiment/run-experiment.ts';
import { checkSource, findSource } from '../experiment/source.ts';
import { formatMs } from '../format.ts';
import { jsonOption } from '../options.ts';
import { note, print, table } from '../output.ts';

/** `key=value`, collected. */
function variable(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Give key=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function listText(experiments: readonly ExperimentSummary[]): string {
  if (experiments.length === 0) return 'There are none. They lie in the folder experiments beside the fleet’s file.';
  return table(experiments, [
    { title: 'name', value: (one) => one.name.replace(/\.(ya?ml|json)$/, '') },
    {
      title: 'title',
      value: ({ problem, title }) => (problem === null ? title : `line ${problem.line}: ${problem.detail}`),
    },
    { title: 'tags', value: (one) => one.tags.join(' ') },
  ]);
}

function outlineText({ outline }: ExperimentCheck): string {
  if (outline === null) return 'It cannot be run.';
  const rows = table(outline.steps, [
    { title: 'part', value: (one) => one.section },
    { title: 'type', value: (one) => one.type },
    { title: 'name', value: (one) => `${one.name}${one.background ? ' (in the background)' : ''}` },
    { title: 'does', value: (one) => (one.fault === null ? one.what : `puts on ${one.fault}`) },
  ]);
  const stops = outline.stopConditions.map((one) => `Stops when ${one}.`);
  return [outline.title, rows, ...stops, 'It can be run.'].join('\n');
}

function runsText(runs: readonly ExperimentRunSummary[]): string {
  if (runs.length === 0) return 'None has run yet.';
  return table(runs, [
    { title: 'id', value: (one) => one.id },
    { title: 'started', value: (one) => one.startedAt.slice(0, 19).replace('T', ' ') },
    {
      title: 'took',
      align: 'right',
      value: ({ startedAt, endedAt }) =>
        endedAt === null ? 'runs' : formatMs(Date.parse(endedAt) - Date.parse(startedAt)),
    },
    { title: 'outcome', value: (one) => (provesNothing(one) ? 'proves nothing' : experimentVerdict(one)) },
    { title: 'title', value: (one) => `${one.title}${one.dry ? ' (dry)' : ''}` },
  ]);
}

/** Checking needs an engine for a moment; one that was started only for that is stopped again. */
async function withAnyEngine<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const { client, started } = await startEngine();
  try {
    return await use(client);
  } finally {
    if (started) await client.call('engine.stop', undefined).catch(() => undefined);
    client.close();
  }
}

async function printEnvironment(): Promise<void> {
  const home = currentHome();
  const found = await findEngine(home);
  if (!found) throw noEngine(home);
  found.client.close();
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const { url, token } = found.endpoint;
  process.stdout.write(`export FLOTILLA_URL=${quoted(url)}\nexport FLOTILLA_TOKEN=${quoted(token)}\n`);
}

/** `--dry FILE` means the file, which a parser takes for what is to be left out; `--dry=WHAT FILE` says both. */
function dryAndFile(file: string | undefined, dry: string | undefined, command: Command): [string, RunOptions['dry']] {
  const parsed = ExperimentStart.shape.dry.safeParse(dry);
  if (dry === undefined || (parsed.success && file !== undefined)) {
    if (file === undefined) command.error("error: missing required argument 'file'");
    return [file, dry === undefined ? undefined : parsed.data];
  }
  if (file === undefined) return [dry, 'activities'];
  return command.error(`error: option '--dry' cannot be ${dry}. It is one of: ${DRY.join(', ')}.`);
}

const DRY = ExperimentStart.shape.dry.unwrap().options.filter((one) => one !== 'none');

function addRun(experiment: Command): void {
  experiment
    .command('run [file]')
    .usage('[options] <file>')
    .description('run an experiment: a file, or the name of one of the fleet’s; Ctrl+C ends it and rolls back')
    .addOption(
      new Option('--dry [what]', `leave out: ${DRY.join(', ')}; activities where nothing is said`).preset('activities'),
    )
    .option('--var <key=value>', 'a value of its configuration; may be given more than once', variable, {})
    .option('--report <file>', 'write the report, a page of HTML')
    .option('--junit <file>', 'write JUnit XML, for continuous integration')
    .option('--journal <file>', 'write the journal, in Chaos Toolkit’s JSON')
    .addOption(
      new Option('--rollback-strategy <strategy>', 'when to roll back; else as the file says').choices([
        'default',
        'always',
        'never',
        'deviated',
      ]),
    )
    .addOption(jsonOption())
    .action(
      async (given: string | undefined, options: Omit<RunOptions, 'dry'> & { dry?: string }, command: Command) => {
        const [file, dry] = dryAndFile(given, options.dry, command);
        const client = await requireEngine();
        try {
          process.exitCode = await runExperiment(client, file, { ...options, dry });
        } finally {
          client.close();
        }
      },
    );
}

function addReport(experiment: Command): void {
  experiment
    .command('report <id>')
    .description('the result of a run as a file; the newest run is called last')
    .addOption(new Option('--format <format>', 'what to write').choices(ReportFormat.options).default('html'))
    .option('-o, --output <file>', 'where to; else stdout')
    .action((id: string, { format, output }: { format: ReportFormat; output?: string }) =>
      withEngine(async (client) => {
        const [newest] = id === 'last' ? await client.call('experiment.runs', undefined) : [];
        const run = newest?.id ?? id;
        if (output !== undefined) return writeReport(client, run, format, output);
        const { text } = await client.call('experiment.report', { id: run, format });
        process.stdout.write(text);
      }),
    );
}

function addControls(experiment: Command): void {
  const controls = {
    pause: ['hold the experiment before its next activity', 'It holds before the next activity.'],
    resume: ['go on with an experiment that was paused', 'It goes on.'],
    abort: ['end the experiment and roll back', 'It is ended and rolled back.'],
  } as const;
  for (const [name, [about, done]] of Object.entries(controls)) {
    experiment
      .command(name)
      .description(about)
      .action(() =>
        withEngine(async (client) => {
          await client.call(`experiment.${name as keyof typeof controls}`, undefined);
          note(done);
        }),
      );
  }
}

export function addExperiment(program: Command): void {
  const experiment = program
    .command('experiment')
    .description('experiments in Chaos Toolkit’s format: what a fleet withstands, and what it does not');
  experiment
    .command('list')
    .description('the experiments of the fleet')
    .addOption(jsonOption())
    .action(({ json }: { json: boolean }) =>
      withEngine(async (client) => {
        const found = await client.call('experiment.list', undefined);
        print(json, found, () => listText(found));
      }),
    );
  experiment
    .command('check <file>')
    .description('what is wrong with an experiment, and what it would do')
    .addOption(jsonOption())
    .action((file: string, { json }: { json: boolean }) =>
      withAnyEngine(async (client) => {
        const check = await checkSource(client, await findSource(client, file));
        print(json, check, () => outlineText(check));
        if (check.outline === null) process.exitCode = WRONG_FILE;
      }),
    );
  addRun(experiment);
  experiment
    .command('runs')
    .description('the runs that are kept, newest first')
    .addOption(jsonOption())
    .action(({ json }: { json: boolean }) =>
      withEngine(async (client) => {
        const runs = await client.call('experiment.runs', undefined);
        print(json, runs, () => runsText(runs));
      }),
    );
  addReport(experiment);
  addControls(experiment);
  experiment
    .command('env')
    .description('what Chaos Toolkit itself needs to reach this engine: eval "$(flotilla experiment env)"')
    .action(printEnvironment);
}
