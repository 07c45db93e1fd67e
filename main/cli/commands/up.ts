import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, CommanderError, Option } from 'commander';
import type { Client } from '../../client/index.ts';
import { currentHome, type FoundEngine } from '../../client/node/index.ts';
import { type EngineState, type FleetView, FlotillaError, RuntimeKind } from '../../contract/index.ts';
import { consoleAddress, showConsole } from '../console-window.ts';
import { distDir, startEngine, waitForState } from '../context.ts';
import { formatMs } from '../format.ts';
import { namedVariables } from '../named-variables.ts';
import { integer, jsonOption } from '../options.ts';
import { note, paint, print } from '../output.ts';
import { isSettled, Progress, unsureForMs } from '../progress.ts';
import { superviseEngine } from '../supervise-engine.ts';
import { stopAll, stopHome } from './down.ts';

interface UpOptions {
  runtime?: RuntimeKind;
  traffic?: number;
  profile: string[];
  build: boolean;
  links: boolean;
  file: string[];
  headless: boolean;
  json: boolean;
}

/** How long another `up` is given to read its fleet file. */
const TOGETHER_MS = 5000;
/** Whether all is settled depends on how long ago something was, too. */
const AGAIN_MS = 500;
/** What shells report of a program that Ctrl+C ended. */
const INTERRUPTED = 130;

const runtimeNames = { process: 'local processes', docker: 'Docker', kubernetes: 'Kubernetes' } as const;

const sampleFleetFile = join(distDir, '../sample-fleet/compose.yaml');

const collect = (value: string, before: string[]): string[] => [...before, value];

/** The file's absolute path. A word that is no file is most likely a command that was misspelt. */
function existingFile(file: string): string {
  const path = resolve(file);
  if (existsSync(path)) return path;
  if (/^[a-z-]+$/.test(file)) throw new CommanderError(2, 'flotilla.unknown', `flotilla: there is no command ${file}`);
  throw new FlotillaError('FLEET_FILE_MISSING', { file: path });
}

/** The fleet if it runs and is the one that is meant: that file's, or that of a file in that folder. */
function running(fleet: FleetView | null, file: string | undefined): FleetView | null {
  if (!fleet || fleet.state === 'stopped' || fleet.state === 'stopping') return null;
  // One that runs on its own is not ours to start, whatever its file.
  const isMeant = file === undefined || (!fleet.attached && (fleet.file === file || dirname(fleet.file) === file));
  return isMeant ? fleet : null;
}

/** @throws FlotillaError FLEET_OTHER_RUNTIME */
function refuseOtherRuntime({ name, runtime }: FleetView, asked: RuntimeKind | undefined): void {
  if (asked === undefined || asked === runtime) return;
  throw new FlotillaError('FLEET_OTHER_RUNTIME', {
    running: name,
    runtime: runtimeNames[runtime],
    asked: runtimeNames[asked],
  });
}

/** Tells the engine to start the fleet. One that runs already is taken as it is, if it is the one that was meant. */
async function startFleet(client: Client, files: readonly string[], options: UpOptions): Promise<void> {
  const [file, ...overrides] = files;
  const { fleet } = await client.call('engine.state', undefined);
  const already = running(fleet, file);
  if (already) {
    refuseOtherRuntime(already, options.runtime);
    note(`${already.name} is already ${already.state} on ${runtimeNames[already.runtime]}.`);
    const late = [options.build ? '--build' : '', options.links ? '' : '--no-links'].filter(Boolean).join(' and ');
    if (late !== '') note(`It goes on as it is: ${late} counts when it is started. Stop it first with: flotilla down`);
    return;
  }
  const request = {
    environment: await namedVariables([file ?? sampleFleetFile, ...overrides], process.env),
    profiles: options.profile,
    build: options.build,
    links: options.links,
    ...(options.file.length > 0 ? { overrides } : {}),
    ...(file === undefined ? {} : { file }),
    ...(options.runtime ? { runtime: options.runtime } : {}),
    ...(options.traffic === undefined ? {} : { traffic: options.traffic }),
  };
  try {
    await client.call('fleet.up', request);
  } catch (error) {
    // Somebody else was quicker to start the same.
    const lost = error instanceof FlotillaError && (error.code === 'FLEET_BUSY' || error.code === 'FLEET_OTHER');
    if (!lost) throw error;
    const signal = AbortSignal.timeout(TOGETHER_MS);
    const state = await waitForState(client, (current) => current.fleet !== null, { signal }).catch(() => null);
    if (!running(state?.fleet ?? null, file)) throw error;
  }
}

async function waitUntilSettled(client: Client, signal: AbortSignal): Promise<EngineState> {
  const began = Date.now();
  const progress = new Progress();
  let introduced = false;
  const onState = (current: EngineState): void => {
    if (current.fleet && !introduced) introduce(current.fleet);
    introduced ||= current.fleet !== null;
    progress.show(current);
  };
  for (;;) {
    // A fleet that was there and is not any more was taken down by somebody else.
    const done = ({ fleet, ...state }: EngineState): boolean =>
      fleet === null ? introduced : isSettled({ ...state, fleet }, Date.now());
    const state = await waitForState(client, done, { signal, onState, againMs: AGAIN_MS });
    const unsureMs = state.fleet ? unsureForMs(state.fleet, Date.now()) : 0;
    if (unsureMs > 0) {
      await delay(unsureMs, undefined, { signal });
      continue;
    }
    if (state.fleet?.state === 'healthy') note(`${state.fleet.name} is healthy after ${formatMs(Date.now() - began)}.`);
    return state;
  }
}

/** `compose.yaml:7:5: services.web.attach: has no effect: ...`. */
function warningText({ file, line, column, path, message }: FleetView['warnings'][number]): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

function introduce(fleet: FleetView): void {
  note(`Starting ${fleet.name}. ${fleet.runtimeReason}`);
  for (const one of fleet.warnings) note(paint('yellow', warningText(one), process.stderr));
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
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => (signal.aborted ? done() : signal.addEventListener('abort', () => done())));

async function runHeadless(engine: FoundEngine, options: UpOptions, signal: AbortSignal): Promise<void> {
  const watching = new AbortController();
  const supervision = superviseEngine(engine, watching.signal);
  // Without an engine there is no state to wait for: whoever stopped it ends this, too.
  const gone = supervision.ended.then(() => null);
  const state = await Promise.race([waitUntilSettled(engine.client, signal), gone])
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
      note('Interrupted; the fleet goes on starting. Stop it with: flotilla down');
      return null;
    })
    .finally(() => {
      watching.abort();
      supervision.current().client.close();
    });
  if (state === null) {
    if (!signal.aborted) throw new FlotillaError('FLEET_NOT_LOADED');
    process.exitCode = INTERRUPTED;
    return;
  }
  const { endpoint } = supervision.current();
  const healthy = state.fleet?.state === 'healthy';
  if (!healthy) reportUnhealthy(state);
  print(
    options.json,
    {
      url: consoleAddress(endpoint),
      fleet: state.fleet && { name: state.fleet.name, state: state.fleet.state },
    },
    () => `Console: ${consoleAddress(endpoint)}\nIt goes on running. Stop it with: flotilla down`,
  );
  if (!healthy) process.exitCode = 1;
}

/** @returns what takes the console off the screen again, where it is a window of its own */
function openConsole(engine: FoundEngine): () => Promise<void> {
  const showing = showConsole(engine.endpoint, currentHome());
  let isWanted = true;
  void showing.then((shown) => {
    if (shown.by !== 'electron') return;
    shown.window.on('exit', () => {
      if (isWanted) note('The window is closed; the fleet goes on. Ctrl+C stops it all.');
    });
  });
  return async () => {
    isWanted = false;
    const shown = await showing;
    if (shown.by === 'electron') shown.window.kill();
  };
}

async function runInForeground(engine: FoundEngine, signal: AbortSignal): Promise<void> {
  const supervision = superviseEngine(engine, signal);
  const settled = waitUntilSettled(engine.client, signal).then((state) => {
    if (state.fleet === null) return;
    if (state.fleet.state !== 'healthy') reportUnhealthy(state);
    note(paint('bold', 'Press Ctrl+C to stop everything and leave nothing behind.', process.stderr));
  });
  const failed = settled.then(() => new Promise<never>(() => {}));
  await Promise.race([aborted(signal), supervision.ended, failed])
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    })
    .finally(() => supervision.current().client.close());
  // Found anew: an engine may just be coming back.
  if (signal.aborted) await stopHome(false);
  note(
    signal.aborted ? 'Stopped. Nothing is left running.' : 'It was stopped from elsewhere. Nothing is left running.',
  );
}

export function addUp(program: Command): void {
  program
    .command('up [file]', { isDefault: true })
    .description('start a fleet and open the console; without a file: the shop that Flotilla ships with')
    .addOption(
      new Option(
        '--runtime <runtime>',
        'what to run it on; else Docker where an engine has the images, and processes where not',
      ).choices(RuntimeKind.options),
    )
    .option('--traffic <n>', 'journeys per second of the shop to begin with', integer(0, 200))
    .option('--profile <name>', 'a Compose profile to enable; may be given more than once', collect, [])
    .option('-f, --file <file>', 'a Compose file to lay over the others; may be given more than once', collect, [])
    .option('--build', 'build the images that the fleet builds though they are there (Docker)', false)
    .option('--no-links', 'calls between services pass no proxies, so that no faults can be put on edges')
    .option('--headless', 'no window: wait until the fleet is healthy, then return and leave it running', false)
    .addOption(jsonOption())
    .action(async (file: string | undefined, options: UpOptions) => {
      const files = [...(file === undefined ? [] : [file]), ...options.file].map(existingFile);
      const signal = interruption();
      const engine = await startEngine();
      // While the fleet is opened the console is, too. A file that may be wrong is read before anything is shown for it.
      const isSure = files.length === 0 && engine.started;
      if (!options.headless) note(`Console: ${consoleAddress(engine.endpoint)}`);
      const closeConsole = options.headless || !isSure ? null : openConsole(engine);
      try {
        await startFleet(engine.client, files, options);
      } catch (error) {
        await closeConsole?.();
        if (engine.started) await stopAll(engine, false);
        else engine.client.close();
        throw error;
      }
      if (options.headless) return runHeadless(engine, options, signal);
      if (closeConsole === null) openConsole(engine);
      await runInForeground(engine, signal);
    });
}
