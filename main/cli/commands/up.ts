import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, CommanderError, Option } from 'commander';
import type { Client } from '../../client/index.ts';
import { currentHome, type FoundEngine } from '../../client/node/index.ts';
import { type EngineState, FlotillaError, RuntimeKind } from '../../contract/index.ts';
import { consoleAddress, showConsole } from '../console-window.ts';
import { startEngine, waitForState } from '../context.ts';
import { formatMs } from '../format.ts';
import { integer, jsonOption } from '../options.ts';
import { note, paint, print } from '../output.ts';
import { isSettled, Progress } from '../progress.ts';
import { superviseEngine } from '../supervise-engine.ts';
import { stopAll } from './down.ts';

interface UpOptions {
  runtime?: RuntimeKind;
  traffic?: number;
  profile: string[];
  headless: boolean;
  json: boolean;
}

const collect = (value: string, before: string[]): string[] => [...before, value];

/** The file's absolute path. A word that is no file is most likely a command that was misspelt. */
function existingFile(file: string): string {
  const path = resolve(file);
  if (existsSync(path)) return path;
  if (/^[a-z-]+$/.test(file)) throw new CommanderError(2, 'flotilla.unknown', `flotilla: there is no command ${file}`);
  throw new FlotillaError('FLEET_FILE_MISSING', { file: path });
}

/** Tells the engine to start the fleet. One that runs already is taken as it is, if it is the one that was meant. */
async function startFleet(client: Client, file: string | undefined, options: UpOptions): Promise<void> {
  const { fleet } = await client.call('engine.state', undefined);
  if (fleet && fleet.state !== 'stopped' && (file === undefined || fleet.file === file)) {
    note(`${fleet.name} is already ${fleet.state} on ${fleet.runtime}.`);
    return;
  }
  await client.call('fleet.up', {
    profiles: options.profile,
    ...(file === undefined ? {} : { file }),
    ...(options.runtime ? { runtime: options.runtime } : {}),
    ...(options.traffic === undefined ? {} : { traffic: options.traffic }),
  });
}

async function waitUntilSettled(client: Client, signal: AbortSignal): Promise<EngineState> {
  const began = Date.now();
  const progress = new Progress();
  let introduced = false;
  const state = await waitForState(client, ({ fleet }) => fleet !== null && isSettled(fleet), {
    signal,
    onState(current) {
      if (current.fleet && !introduced) {
        introduced = true;
        note(`Starting ${current.fleet.name} on ${current.fleet.runtime}. ${current.fleet.runtimeReason}`);
        for (const one of current.fleet.warnings)
          note(paint('yellow', `${one.file}:${one.line}:${one.column}: ${one.message}`, process.stderr));
      }
      progress.show(current);
    },
  });
  if (state.fleet?.state === 'healthy') note(`${state.fleet.name} is healthy after ${formatMs(Date.now() - began)}.`);
  return state;
}

function reportUnhealthy({ fleet }: EngineState): void {
  for (const service of fleet?.services ?? []) {
    if (service.reason && service.state !== 'waiting') {
      note(
        `${paint('red', service.id, process.stderr)}: ${service.reason}${service.remedy ? ` ${service.remedy}` : ''}`,
      );
    }
  }
}

/** Ctrl+C once: the signal aborts. Twice: this program ends and leaves the engine to what it does. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => (signal.aborted ? done() : signal.addEventListener('abort', () => done())));

async function runHeadless(engine: FoundEngine, options: UpOptions, signal: AbortSignal): Promise<void> {
  const state = await waitUntilSettled(engine.client, signal);
  const healthy = state.fleet?.state === 'healthy';
  if (!healthy) reportUnhealthy(state);
  engine.client.close();
  print(
    options.json,
    {
      url: consoleAddress(engine.endpoint),
      fleet: state.fleet && { name: state.fleet.name, state: state.fleet.state },
    },
    () => `Console: ${consoleAddress(engine.endpoint)}\nIt goes on running. Stop it with: flotilla down`,
  );
  if (!healthy) process.exitCode = 1;
}

async function runInForeground(engine: FoundEngine, signal: AbortSignal): Promise<void> {
  note(`Console: ${consoleAddress(engine.endpoint)}`);
  void showConsole(engine.endpoint, currentHome()).then((shown) => {
    if (shown.by !== 'electron') return;
    shown.window.on('exit', () => note('The window is closed; the fleet goes on. Ctrl+C stops it all.'));
  });
  await waitUntilSettled(engine.client, signal).then(
    (state) => state.fleet?.state !== 'healthy' && reportUnhealthy(state),
    (error: unknown) => {
      if (!signal.aborted) throw error;
    },
  );
  if (!signal.aborted) note(paint('bold', 'Press Ctrl+C to stop everything and leave nothing behind.', process.stderr));
  const supervisor = superviseEngine(engine, signal);
  await Promise.race([aborted(signal), supervisor.failed]);
  await stopAll(supervisor.current(), false);
  note('Stopped. Nothing is left running.');
}

export function addUp(program: Command): void {
  program
    .command('up [file]', { isDefault: true })
    .description('start a fleet and open the console; without a file: the shop that Flotilla ships with')
    .addOption(new Option('--runtime <runtime>', 'what to run it on').choices(RuntimeKind.options))
    .option('--traffic <n>', 'journeys per second of the shop to begin with', integer(0, 200))
    .option('--profile <name>', 'a Compose profile to enable; may be given more than once', collect, [])
    .option('--headless', 'no window: wait until the fleet is healthy, then return and leave it running', false)
    .addOption(jsonOption())
    .action(async (file: string | undefined, options: UpOptions) => {
      const path = file === undefined ? undefined : existingFile(file);
      const signal = interruption();
      const engine = await startEngine();
      try {
        await startFleet(engine.client, path, options);
      } catch (error) {
        if (engine.started) await stopAll(engine, false);
        throw error;
      }
      if (options.headless) await runHeadless(engine, options, signal);
      else await runInForeground(engine, signal);
    });
}
