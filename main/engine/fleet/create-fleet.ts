import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type AttachTarget,
  type FleetView,
  FlotillaError,
  type RuntimeKind,
  type RuntimeView,
  type ServiceId,
  toErrorView,
} from '../../contract/index.ts';
import { allRuntimes, type InstanceRef } from '../runtimes/index.ts';
import { attachingRuntime, isSameTarget, listAttachable } from './attach.ts';
import { chooseRuntime, listRuntimes, runtimeNames } from './choose-runtime.ts';
import { readFleet } from './compose/index.ts';
import { copyNumbers } from './copy-numbers.ts';
import type { Fleet, FleetHandlers, FleetOptions, UpRequest } from './fleet.ts';
import { FleetSession } from './fleet-session.ts';
import { type FleetState, readFleetState } from './fleet-state-file.ts';
import type { FleetModel, ServiceSpec } from './model.ts';
import { endLeftLinks } from './session-links.ts';

/** The fleet of an engine: reads it, starts it, finds it again. Start with `adopt`. */
export function createFleet(options: FleetOptions): Fleet {
  const runtimes = options.runtimes ?? allRuntimes();
  let session: FleetSession | null = null;
  let opening: Promise<void> | null = null;
  let closed = false;
  const restartListeners = new Set<() => void>();
  const onLinksRestart = (): void => {
    for (const listener of restartListeners) listener();
  };

  const current = (): FleetSession => {
    if (session === null) throw new FlotillaError('FLEET_NOT_LOADED');
    return session;
  };

  const adopt = async (): Promise<boolean> => {
    const state = readFleetState(options.home);
    const runtime = runtimes.find((one) => one.kind === state?.runtime);
    if (state === null) await endLeftLinks(options.home);
    if (state === null || runtime === undefined) return false;
    let found: FleetSession | null = null;
    try {
      found = await FleetSession.open(options, runtime, state, { isAdopted: true, onLinksRestart });
      if (!(await found.takeOver())) return false;
      session = found;
      return true;
    } catch (error) {
      // What it runs on is away. The fleet is left for an engine that finds it.
      await found?.abandon().catch(() => undefined);
      options.onProblems?.([toErrorView(error)]);
      return false;
    }
  };

  const open = async (request: UpRequest): Promise<void> => {
    const read = (kind: RuntimeKind): Promise<FleetModel> => readModel(options, request, kind);
    const { runtime, model, reason } = await chooseRuntime(runtimes, request.runtime, read);
    const state = { ...newState(model, runtime.kind, reason, options), links: request.links ?? true };
    // What a fleet before this one has left behind was told long enough.
    options.onProblems?.([]);
    const rebuild = request.build ?? false;
    session = await FleetSession.open(options, runtime, state, { rebuild, onLinksRestart });
    session.begin();
  };

  const look = async (asked: AttachTarget): Promise<void> => {
    const { runtime, attaching, detail } = await attachingRuntime(runtimes);
    const { target, model } = await attaching.find(asked);
    const state = {
      ...newState(model, runtime.kind, `It runs on ${detail}, without Flotilla.`, options),
      attached: target,
    };
    const found = await FleetSession.open(options, runtime, state);
    session = found;
    await found.attach().catch(async (error: unknown) => {
      await end(false);
      throw error;
    });
  };

  const attach = async (target: AttachTarget): Promise<void> => {
    refuseBusy();
    if (session !== null) {
      if (!isEnding(session) && isSameTarget(session.state.attached, target)) return;
      throw refusal(session, undefined);
    }
    await opened(look(target));
  };

  const refuseBusy = (): void => {
    if (closed) throw new FlotillaError('FLEET_BUSY', { state: 'stopping' });
    if (opening !== null) throw new FlotillaError('FLEET_BUSY', { state: 'starting' });
  };

  const opened = (work: Promise<void>): Promise<void> => {
    opening = work.finally(() => {
      opening = null;
    });
    return opening;
  };

  const up = async (request: UpRequest): Promise<void> => {
    refuseBusy();
    if (session !== null) {
      if (!isStoppedAndMeant(session, options, request)) throw refusal(session, request.runtime);
      session.supervisor.startAll({ stoppedToo: true });
      return;
    }
    await opened(open(request));
  };

  const down = async ({ keepData = false }: { keepData?: boolean } = {}): Promise<void> => {
    // Who asks for the end of what is just being opened must not be told that there is nothing.
    if (opening !== null) await opening.catch(() => undefined);
    await end(keepData);
  };

  const end = async (keepData: boolean): Promise<void> => {
    const ending = session;
    if (ending === null) return;
    await ending.down(keepData);
    if (session === ending) session = null;
  };

  return {
    adopt,
    up,
    down,
    view: (): FleetView | null => session?.view() ?? null,
    model: (): FleetModel | null => session?.state.model ?? null,
    reach: (service, port) => session?.reach(service, port) ?? null,
    addresses: () => new Map([...(session?.run.addresses?.() ?? []), ...(session?.links?.addresses() ?? [])]),
    links: () => session?.links?.current() ?? null,
    linkTraffic: (fromMs, toMs) => session?.links?.traffic(fromMs, toMs) ?? new Map(),
    onLinksRestart(listener) {
      restartListeners.add(listener);
      return () => void restartListeners.delete(listener);
    },
    running: () => session?.running() ?? null,
    isKept: (runId) => (session?.state ?? readFleetState(options.home))?.runId === runId,
    async close({ stopFleet }) {
      closed = true;
      // What is just being opened would otherwise start once nobody looks any more.
      await opening?.catch(() => undefined);
      try {
        if (stopFleet) await down();
      } finally {
        await session?.close();
        session = null;
      }
    },
    handlers: {
      ...handlersOf(current, up, down),
      'links.list': async () => (await session?.links?.list()) ?? [],
      'attach.list': () => listAttachable(runtimes),
      'fleet.attach': attach,
      'runtimes.list': ({ file }) => listRuntimes(runtimes, (kind) => readModel(options, { file }, kind)),
    },
  };
}

function handlersOf(
  current: () => FleetSession,
  up: Fleet['up'],
  down: Fleet['down'],
): Omit<FleetHandlers, 'runtimes.list' | 'attach.list' | 'fleet.attach' | 'links.list'> {
  return {
    'fleet.up': (input) => up(input),
    'fleet.down': (input) => down(input),
    'fleet.dial': ({ value }) => current().turnDial(value),
    'service.act': ({ service, action }) => current().supervisor.act(service, action),
    'service.environment': async ({ service, reveal }) => [
      ...(await current().run.environment(specOf(current(), service), reveal)),
    ],
    'service.inspect': ({ service, instance, reveal }) =>
      current().run.inspect(instanceOf(current(), service, instance), reveal),
    'service.files': ({ service, instance, path }) =>
      current().run.listFolder(instanceOf(current(), service, instance), path),
    'service.file': ({ service, instance, path, maxBytes }) =>
      current().run.readFile(instanceOf(current(), service, instance), path, maxBytes),
    'terminal.open': async ({ service, cols, rows, command }) => {
      const { run, supervisor, terminals } = current();
      specOf(current(), service);
      const instance = { service, index: supervisor.pickInstance(service) };
      return { terminalId: await terminals.open(() => run.openTerminal(instance, { cols, rows }, command)) };
    },
    'terminal.output': ({ terminalId, credits }, signal) => current().terminals.output(terminalId, credits, signal),
    'terminal.credit': ({ terminalId, credits }) => current().terminals.credit(terminalId, credits),
    'terminal.write': ({ terminalId, data }) => current().terminals.write(terminalId, data),
    'terminal.resize': ({ terminalId, cols, rows }) => current().terminals.resize(terminalId, { cols, rows }),
    'terminal.close': ({ terminalId }) => current().terminals.close(terminalId),
  };
}

function specOf(session: FleetSession, service: ServiceId): ServiceSpec {
  const { services } = session.state.model;
  const spec = services.find((one) => one.id === service);
  if (spec !== undefined) return spec;
  throw new FlotillaError('SERVICE_UNKNOWN', { service, known: services.map((one) => one.id).join(', ') });
}

function instanceOf(session: FleetSession, service: ServiceId, index: number | undefined): InstanceRef {
  if (index !== undefined && !copyNumbers(specOf(session, service)).includes(index)) {
    throw new FlotillaError('NOT_FOUND', { what: 'instance', name: `${service}-${index}` });
  }
  return { service, index: index ?? session.supervisor.pickInstance(service) };
}

/** It is being stopped as a whole, or could not be: then it has to be stopped once more. */
const isEnding = ({ supervisor, state }: FleetSession): boolean =>
  state.stopping !== null || supervisor.phase === 'stopping';

/** Every service of it was stopped, one by one: who starts the same fleet wants them back. */
function isStoppedAndMeant(session: FleetSession, options: FleetOptions, request: UpRequest): boolean {
  const { supervisor, state } = session;
  if (state.attached !== null || isEnding(session)) return false;
  const { file } = state.model;
  const asked = resolve(request.file ?? options.defaultFile ?? sampleFleetFile());
  const isMeant = file === asked || dirname(file) === asked;
  return isMeant && supervisor.phase === 'stopped' && (request.runtime ?? state.runtime) === state.runtime;
}

function refusal(session: FleetSession, asked: RuntimeKind | undefined): FlotillaError {
  if (isEnding(session)) return new FlotillaError('FLEET_BUSY', { state: 'stopping' });
  const { runtime, model, attached } = session.state;
  if (attached !== null) return new FlotillaError('FLEET_ATTACHED', { running: model.name });
  if (asked !== undefined && asked !== runtime) {
    return new FlotillaError('FLEET_OTHER_RUNTIME', {
      running: model.name,
      runtime: runtimeNames[runtime],
      asked: runtimeNames[asked],
    });
  }
  return new FlotillaError('FLEET_OTHER', { running: model.name });
}

async function readModel(options: FleetOptions, request: UpRequest, runtime: RuntimeKind): Promise<FleetModel> {
  const file = request.file ?? options.defaultFile ?? sampleFleetFile();
  const traffic = request.traffic === undefined ? {} : { TRAFFIC: String(request.traffic) };
  return readFleet(file, {
    environment: { ...(request.environment ?? process.env), ...traffic },
    profiles: [...(request.profiles ?? [])],
    runtime,
    files: request.overrides,
  });
}

/** What fleets can run on here, and what the fleet of this file (default: the sample fleet) would run on. */
export function findRuntimes(file: string | undefined): Promise<RuntimeView[]> {
  const options = { home: '', otlp: { http: '', grpc: '' }, onChange: () => {}, onLogs: () => {} };
  return listRuntimes(allRuntimes(), (kind) => readModel(options, { file }, kind));
}

/** The sample fleet of this package, from source and from `dist` alike. */
export function sampleFleetFile(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, 'sample-fleet', 'compose.yaml');
    if (existsSync(file)) return file;
    const parent = dirname(folder);
    if (parent === folder) throw new FlotillaError('FLEET_FILE_MISSING', { file: 'sample-fleet/compose.yaml' });
    folder = parent;
  }
}

function newState(model: FleetModel, runtime: RuntimeKind, runtimeReason: string, { otlp }: FleetOptions): FleetState {
  const nowMs = Date.now();
  const runId = `${model.name.replace(/[^a-zA-Z0-9-]/g, '-').slice(0, 60)}-${nowMs.toString(36)}`;
  return {
    version: 1,
    runId,
    runtime,
    runtimeReason,
    startedAtMs: nowMs,
    stopping: null,
    otlp,
    model,
    links: false,
    attached: null,
    instances: [],
  };
}
