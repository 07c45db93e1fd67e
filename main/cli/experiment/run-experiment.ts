import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Client, watchEngine } from '../../client/index.ts';
import {
  type ApiInput,
  type ExperimentRunView,
  experimentVerdict,
  FlotillaError,
  type ReportFormat,
} from '../../contract/index.ts';
import { note, paint, print } from '../output.ts';
import { checkSource, environmentFor, findSource, type Source } from './source.ts';
import { StepLines } from './step-lines.ts';
import { verdictText } from './verdict.ts';

export interface RunOptions {
  readonly dry?: ApiInput<'experiment.start'>['dry'] | undefined;
  readonly var: Record<string, string>;
  readonly report?: string;
  readonly junit?: string;
  readonly journal?: string;
  readonly rollbackStrategy?: ApiInput<'experiment.start'>['rollbackStrategy'];
  readonly json: boolean;
}

/** The exit code for a file that is wrong, as for wrong arguments. */
export const WRONG_FILE = 2;
const INTERRUPTED = 130;
/** How long an engine that went away is waited for: whoever supervises it brings it back sooner. */
const ENGINE_BACK_MS = 20_000;

/** Runs an experiment to its end. @returns the exit code: 0 when the fleet held, 1 when not, 2 for a wrong file */
export async function runExperiment(client: Client, given: string, options: RunOptions): Promise<number> {
  const source = await findSource(client, given);
  const check = await checkSource(client, source);
  if (check.outline === null) return WRONG_FILE;
  note(`${paint('bold', check.outline.title, process.stderr)}${options.dry ? ' (dry)' : ''}`);
  const interruption = new AbortController();
  const onSignal = (): void => {
    if (interruption.signal.aborted) process.exit(INTERRUPTED);
    interruption.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const { id } = await client.call('experiment.start', requestFor(source, options));
  interruption.signal.addEventListener('abort', () => abort(client));
  if (interruption.signal.aborted) abort(client);
  await follow(client, id);
  // The verdict is there at once, charts for reports are not.
  const result = await client.call('experiment.result', { id, isComplete: options.json });
  print(options.json, result, () => verdictText(result));
  await writeFiles(client, id, options);
  return exitCode(result.run, interruption.signal.aborted);
}

function requestFor({ source, text }: Source, options: RunOptions): ApiInput<'experiment.start'> {
  return {
    source,
    variables: options.var,
    environment: environmentFor(text),
    ...(options.dry ? { dry: options.dry } : {}),
    ...(options.rollbackStrategy ? { rollbackStrategy: options.rollbackStrategy } : {}),
  };
}

function abort(client: Client): void {
  note('Ending it and rolling back … (again: leave that to the engine)');
  client.call('experiment.abort', undefined).catch(() => undefined);
}

/** Tells of its steps until it has ended. An engine that died meanwhile has a successor which knows what became of it. */
async function follow(client: Client, id: string): Promise<void> {
  const lines = new StepLines();
  const watch = watchEngine(client);
  const ended = new Promise<void>((done) => {
    watch.subscribe(() => {
      const run = watch.get()?.chaos.experiment ?? null;
      if (run?.id === id) lines.show(run);
      if (run?.id !== id || run.endedAt !== null) done();
    });
  });
  try {
    await Promise.race([ended, engineGone(client)]);
  } finally {
    watch.close();
  }
}

/** Rejects when the engine is away for too long. */
function engineGone(client: Client): Promise<never> {
  return new Promise((_, fail) => {
    let timer: NodeJS.Timeout | null = null;
    client.onStatus(({ state, error }) => {
      if (state === 'open' && timer !== null) {
        clearTimeout(timer);
        timer = null;
      }
      if (state !== 'reconnecting' || timer !== null) return;
      timer = setTimeout(
        () => fail(new FlotillaError('ENGINE_UNREACHABLE', { url: client.url, cause: error ?? 'it is gone' })),
        ENGINE_BACK_MS,
      );
    });
  });
}

async function writeFiles(client: Client, id: string, options: RunOptions): Promise<void> {
  const wanted: readonly (readonly [ReportFormat, string | undefined])[] = [
    ['html', options.report],
    ['junit', options.junit],
    ['journal', options.journal],
  ];
  for (const [format, file] of wanted) if (file !== undefined) await writeReport(client, id, format, file);
}

export async function writeReport(client: Client, id: string, format: ReportFormat, file: string): Promise<void> {
  const { text } = await client.call('experiment.report', { id, format });
  const path = resolve(file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  note(`Wrote ${path}`);
}

function exitCode(run: ExperimentRunView, isInterrupted: boolean): number {
  if (isInterrupted && run.status === 'interrupted') return INTERRUPTED;
  return experimentVerdict(run) === 'passed' ? 0 : 1;
}
