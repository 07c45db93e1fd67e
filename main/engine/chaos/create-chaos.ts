import {
  type ApiHandlers,
  type EngineChange,
  type FaultKind,
  type FaultView,
  FlotillaError,
  type ServiceView,
  type Topology,
} from '../../contract/index.ts';
import type { FleetLinks, FleetModel, RunningFleet } from '../fleet/index.ts';
import { ClockApplier } from './appliers/clock-applier.ts';
import { EdgeApplier } from './appliers/edge-applier.ts';
import { InstanceApplier } from './appliers/instance-applier.ts';
import { LifecycleApplier } from './appliers/lifecycle-applier.ts';
import { Overlap } from './appliers/overlap.ts';
import { StoreApplier } from './appliers/store-applier.ts';
import { catalogue } from './catalogue/index.ts';
import { faultMark } from './fault-mark.ts';
import { type FaultApplier, Faults } from './faults/faults.ts';
import { Ledger, type LedgerEntry } from './faults/ledger.ts';
import { groundOf } from './ground.ts';
import { previewOf } from './preview.ts';

/** What faults ask of the fleet. */
export interface ChaosFleet {
  running(): RunningFleet | null;
  isKept(runId: string): boolean;
  links(): FleetLinks | null;
  onLinksRestart(listener: () => void): () => void;
  model(): FleetModel | null;
  reach(service: string, port: string | number): { host: string; port: number } | null;
}

export interface ChaosOptions {
  /** FLOTILLA_HOME, absolute: the ledger lies there. */
  readonly home: string;
  readonly fleet: ChaosFleet;
  /** The last seconds of the topology, for previews. */
  topology(): Promise<Topology>;
  onChange(change: EngineChange): void;
  /** Everything is to be stopped: an experiment ends, too. Called before faults are taken off; must not put any on. */
  onStopAll?(): Promise<void>;
  /** A fault of another version was struck out; something of it may be left. */
  onGivenUp?(fault: FaultView): void;
}

export type ChaosHandlers = Pick<
  ApiHandlers,
  'fault.kinds' | 'fault.preview' | 'fault.add' | 'fault.remove' | 'fault.clear' | 'fault.stop' | 'fault.release'
>;

/** Faults of an engine and its fleet. */
export interface Chaos {
  readonly handlers: ChaosHandlers;
  /** The faults that are on. */
  faults(): readonly FaultView[];
  readonly isBlocked: boolean;
  /** Takes off what an engine before this one left on; once the fleet is adopted. */
  recover(): Promise<void>;
  /** Services that started anew get their faults again. */
  observe(change: EngineChange): void;
  /**
   * Takes off what is on this run, which is about to end. Resolves when that was tried once, or takes too long, as of a database
   * that stands still; never rejects.
   */
  endRun(runId: string): Promise<void>;
  /** Takes off what carries the title of this experiment. */
  clearExperiment(title: string): Promise<void>;
  /** Lets go; what is on stays on and in the ledger. */
  close(): void;
}

/** Puts faults on the fleet and takes them off, keeps account of them, and tells. */
export function createChaos(options: ChaosOptions): Chaos {
  const { fleet } = options;
  const ledger = new Ledger(options.home);
  const overlap = new Overlap(() => ledger.entries);
  const stores = new StoreApplier({ fleet, onLost: (id) => void faults.reapply((entry) => entry.id === id) });
  const edge = new EdgeApplier({ links: (runId) => linksOfRun(fleet, runId), overlap });
  const appliers = createAppliers(fleet, overlap, { edge, stores });
  const starts = new Map<string, string>();

  const faults: Faults = new Faults({
    catalogue,
    ledger,
    ground: () => groundOf(fleet),
    applierFor: (kind) => appliers(kind),
    takeOffUnknown: (entry) => edge.takeOffUnknown(entry),
    onChange: (views, isBlocked) => options.onChange({ kind: 'faults', faults: [...views], isBlocked }),
    onMark: (fault, untilMs) => options.onChange({ kind: 'mark', mark: faultMark(fault, untilMs) }),
    onGivenUp(fault) {
      const mark = faultMark(fault, Date.now());
      options.onChange({
        kind: 'mark',
        mark: { ...mark, text: `${mark.text}: given up, as this version does not know it` },
      });
      options.onGivenUp?.(fault);
    },
  });
  // Before the fleet is told of: who sees a copy that stands still is to see that it is being helped.
  if (ledger.entries.length > 0 || ledger.isBlocked)
    options.onChange({ kind: 'faults', faults: faults.views(), isBlocked: ledger.isBlocked });
  const endLinks = fleet.onLinksRestart(() => void faults.reapply((entry) => entry.target.kind === 'edge'));

  const handlers: ChaosHandlers = {
    'fault.kinds': () => [...catalogue],
    'fault.preview': async (request) => {
      const [draft, topology] = await Promise.all([faults.draft(request), options.topology().catch(() => null)]);
      return previewOf(draft, topology, request.forSeconds);
    },
    'fault.add': (request) => faults.add(request),
    'fault.remove': async ({ id }) => {
      if (faults.views().every((one) => one.id !== id)) throw new FlotillaError('FAULT_GONE', { id });
      await faults.remove(id);
      refuseLeft(faults.views().filter((one) => one.id === id));
    },
    'fault.clear': async ({ experiment }) => {
      await faults.clear((entry) => entry.experiment === experiment);
      refuseLeft(faults.views().filter((one) => one.experiment === experiment));
    },
    'fault.stop': async () => {
      await Promise.all([faults.stopAll(), options.onStopAll?.()]);
      // Last: what a fault that ends does to a link must not come after it.
      await edge.clear(() => fleet.links());
      refuseLeft(faults.views());
    },
    'fault.release': () => faults.release(),
  };

  return {
    handlers,
    faults: () => faults.views(),
    get isBlocked() {
      return faults.isBlocked;
    },
    recover: () => faults.recover(),
    observe(change) {
      if (change.kind !== 'service') return;
      const again = startedAnew(change.service, starts);
      if (again.size > 0) void faults.reapply((entry) => isOn(entry, change.service.id));
    },
    async endRun(runId) {
      const clearing = faults.clear((entry) => entry.runId === runId);
      await new Promise<void>((done) => {
        const late = setTimeout(done, END_MS);
        void clearing.finally(() => {
          clearTimeout(late);
          done();
        });
      });
    },
    clearExperiment: (title) => faults.clear((entry) => entry.experiment === title),
    close() {
      endLinks();
      faults.close();
      stores.close();
    },
  };
}

/** The run's end takes off what is left, and must not wait for ever. */
const END_MS = 15_000;

const LIFECYCLE = new Set(['kill', 'restart', 'stop', 'pause']);

/**
 * The fleet of a run; null when it has ended.
 * @throws FlotillaError FLEET_NOT_LOADED
 */
function fleetOfRun(fleet: ChaosFleet, runId: string): RunningFleet | null {
  const running = fleet.running();
  if (running?.runId === runId) return running;
  // Its runtime is away, and with it the fleet: to be tried again.
  if (fleet.isKept(runId)) throw new FlotillaError('FLEET_NOT_LOADED');
  return null;
}

/** @throws FlotillaError FLEET_NOT_LOADED, LINKS_UNREACHABLE */
function linksOfRun(fleet: ChaosFleet, runId: string): FleetLinks | null {
  if (fleetOfRun(fleet, runId) === null) return null;
  const found = fleet.links();
  // A fault on an edge had links; their program is not found or started right now.
  if (found === null) throw new FlotillaError('LINKS_UNREACHABLE', { url: '127.0.0.1', cause: 'it is being started' });
  return found;
}

function createAppliers(
  fleet: ChaosFleet,
  overlap: Overlap,
  { edge, stores }: { readonly edge: EdgeApplier; readonly stores: StoreApplier },
): (kind: FaultKind) => FaultApplier {
  const runOf = (runId: string): RunningFleet | null => fleetOfRun(fleet, runId);
  const lifecycle = new LifecycleApplier({ fleet: runOf, overlap });
  const instance = new InstanceApplier({ fleet: runOf, overlap });
  const clock = new ClockApplier({ fleet: runOf, overlap });
  return ({ kind, scope }) => {
    if (scope === 'edge') return edge;
    if (scope !== 'service') return stores;
    if (kind === 'clock-offset') return clock;
    return LIFECYCLE.has(kind) ? lifecycle : instance;
  };
}

/** @throws FlotillaError FAULT_STAYS */
function refuseLeft([first]: readonly FaultView[]): void {
  if (first === undefined) return;
  throw new FlotillaError('FAULT_STAYS', { id: first.id, problem: first.problem ?? 'It is being taken off.' });
}

/** The copies of a service that run since another moment than they did when it was last told of. */
function startedAnew({ instances }: ServiceView, starts: Map<string, string>): Set<string> {
  const again = new Set<string>();
  for (const { id, startedAt } of instances) {
    if (startedAt === null) continue;
    const before = starts.get(id);
    starts.set(id, startedAt);
    if (before !== undefined && before !== startedAt) again.add(id);
  }
  return again;
}

const isOn = ({ target }: LedgerEntry, service: string): boolean =>
  target.kind === 'service' && target.service === service;
