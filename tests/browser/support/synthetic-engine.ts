import {
  type ApiHandlers,
  type AttachList,
  api,
  type EngineState,
  FlotillaError,
  type TelemetryPulse,
} from '../../../main/contract/index.ts';
import { containerAnswers } from './synthetic/containers.ts';
import { every } from './synthetic/every.ts';
import { SyntheticExperiments } from './synthetic/experiments.ts';
import { SyntheticFaults } from './synthetic/faults.ts';
import { type StartPhase, SyntheticFleet } from './synthetic/fleet.ts';
import { kafkaAnswers } from './synthetic/kafka.ts';
import { logAnswers } from './synthetic/logs.ts';
import { peekAnswers } from './synthetic/peek.ts';
import { topologyAnswers } from './synthetic/topology.ts';
import { Traces } from './synthetic/traces.ts';
import { createWorld, grow } from './synthetic/world.ts';

export interface SyntheticOptions {
  /** Equal seeds and clocks give equal answers. */
  seed?: number;
  now?: () => number;
  /** `none`: no fleet was ever started. Default: healthy, up for 14 minutes. */
  phase?: StartPhase;
  /** The fleet runs on Docker, whose engine answers; else on processes. */
  docker?: boolean;
  /** An image cannot be built. */
  failsImages?: boolean;
  /** Nothing was written into databases, caches and queues yet. */
  emptyStores?: boolean;
  /** About how long a service takes to start or to stop. */
  startStepMs?: number;
  pulseMs?: number;
}

export interface SyntheticEngine {
  readonly handlers: ApiHandlers;
  /** What `engine.state` would answer. */
  state(): EngineState;
  /** Breaks a service: it crashes in a loop, the calls to it fail, and its callers' do. */
  fail(service: string): void;
  heal(service: string): void;
  /** Adds services with traffic to the topology. */
  grow(count: number): void;
  /** Reports a problem of the engine itself; null takes it back. */
  problem(message: string | null): void;
  /** Makes every question about Kafka fail; null takes it back. */
  failKafka(error: FlotillaError | null): void;
  /** Makes every look into a store fail; null takes it back. */
  failPeek(error: FlotillaError | null): void;
  /** What there is to attach to from now on, or why that is not known. */
  attachable(list: AttachList | FlotillaError): void;
  /** What is broken on purpose. */
  readonly faults: SyntheticFaults;
  readonly experiments: SyntheticExperiments;
  /** Ends its timers. */
  close(): void;
}

/** An engine that makes up everything: the shop of the sample fleet, moving, with no process or store behind it. */
export function createSyntheticEngine(options: SyntheticOptions = {}): SyntheticEngine {
  const { seed = 7, now = Date.now, phase = 'healthy', startStepMs = 700, pulseMs = 1000 } = options;
  const world = createWorld(seed, now);
  const fleet = new SyntheticFleet(world, phase, startStepMs, options.docker, options.failsImages);
  const traces = new Traces(world);
  const faults = new SyntheticFaults(world, fleet);
  const experiments = new SyntheticExperiments(world, fleet, faults, startStepMs * 4);
  faults.onStop = () => experiments.abort('a person, who stopped everything');
  let pulses = 0;
  let kafkaError: FlotillaError | null = null;
  let peekError: FlotillaError | null = null;
  let attachList: AttachList | FlotillaError | null = null;

  const pulse = (): TelemetryPulse => {
    pulses++;
    const spans = Math.floor((now() - world.startedAtMs) / 8);
    return {
      seq: pulses,
      spans,
      logs: Math.floor(spans / 4),
      metricPoints: spans,
      dropped: 0,
      storeBytes: spans * 140,
      newestMs: now(),
    };
  };

  const peeks = peekAnswers(world, options.docker === true, options.emptyStores === true);
  const stores = failing(peeks, () => peekError);
  const handlers: ApiHandlers = {
    ...refused(),
    ...fleet.answers(),
    ...containerAnswers(world),
    ...topologyAnswers(world, fleet.healthOf),
    ...traces.answers(),
    ...logAnswers(world, traces),
    ...faults.answers(),
    ...experiments.answers(),
    ...failing(kafkaAnswers(world), () => kafkaError),
    ...stores,
    // Which there are is told from the fleet's file, whatever becomes of them.
    'peek.targets': peeks['peek.targets'],
    'telemetry.pulse': async function* (_, signal) {
      for await (const _tick of every(pulseMs, signal)) yield pulse();
    },
    'metrics.list': () => [],
    'attach.list': (input, signal) => {
      if (attachList instanceof FlotillaError) throw attachList;
      return attachList ?? fleet.answers()['attach.list'](input, signal);
    },
    'terminal.open': () => noTerminals(),
    // biome-ignore lint/correctness/useYield: there is no terminal whose output could be yielded
    'terminal.output': async function* () {
      noTerminals();
    },
    'terminal.credit': noTerminals,
    'terminal.write': noTerminals,
    'terminal.resize': noTerminals,
    'terminal.close': noTerminals,
  };
  const still = phase === 'healthy' ? handlers : withoutTelemetry(handlers, () => fleet.state.fleet?.startedAt ?? null);

  return {
    handlers: still,
    state: () => fleet.state,
    fail: (service) => fleet.fail(service),
    heal: (service) => fleet.heal(service),
    grow(count) {
      grow(world, count);
      fleet.announce();
    },
    problem: (message) => fleet.problem(message),
    failKafka: (error) => {
      kafkaError = error;
    },
    failPeek: (error) => {
      peekError = error;
    },
    attachable: (list) => {
      attachList = list;
    },
    faults,
    experiments,
    close: () => {
      fleet.close();
      faults.close();
      experiments.close();
    },
  };
}

/** The same answers, or the error while there is one. */
function failing<T extends Record<string, (...args: never[]) => unknown>>(answers: T, error: () => Error | null): T {
  const wrapped = Object.entries(answers).map(([name, answer]) => [
    name,
    (...args: never[]) => {
      const thrown = error();
      if (thrown) throw thrown;
      return answer(...args);
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}

/** An answer to every procedure: that this engine cannot do it. Those that it can replace theirs. */
function refused(): ApiHandlers {
  const refuse = (name: string) => (): never => {
    throw new FlotillaError('BAD_REQUEST', { detail: `the synthetic engine does not answer ${name}` });
  };
  return Object.fromEntries(Object.keys(api).map((name) => [name, refuse(name)])) as unknown as ApiHandlers;
}

/** The same as handlers alone, for servers that need no control over it. */
export function syntheticHandlers(options: SyntheticOptions = {}): ApiHandlers {
  return createSyntheticEngine(options).handlers;
}

function noTerminals(): never {
  throw new FlotillaError('TERMINAL_UNKNOWN');
}

/** Before the fleet was ever up there is no telemetry. */
function withoutTelemetry(handlers: ApiHandlers, startedAt: () => string | null): ApiHandlers {
  const silent = (): boolean => startedAt() === null;
  return {
    ...handlers,
    'telemetry.timeline': (input, signal) =>
      silent()
        ? { stepMs: 1000, service: null, points: [], oldestMs: null }
        : handlers['telemetry.timeline'](input, signal),
    'traces.search': (input, signal) => (silent() ? [] : handlers['traces.search'](input, signal)),
    'logs.search': (input, signal) => (silent() ? [] : handlers['logs.search'](input, signal)),
  };
}
