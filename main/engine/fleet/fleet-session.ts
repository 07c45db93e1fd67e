import {
  type EngineChange,
  type ErrorView,
  type FleetPhase,
  type FleetView,
  FlotillaError,
  type ImageProgress,
  ServiceId,
  type TimelineMark,
  toErrorView,
} from '../../contract/index.ts';
import type { FleetRun, RunContext, RunListener, Runtime } from '../runtimes/index.ts';
import { Dial } from './dial.ts';
import { linkEdges, rewriteEnvironment } from './edges.ts';
import type { FleetOptions } from './fleet.ts';
import { type FleetState, removeFleetState, writeFleetState } from './fleet-state-file.ts';
import { imageLogRecords } from './image-log.ts';
import { durationWords } from './lifecycle/exit-words.ts';
import { LogLines } from './log-lines.ts';
import type { FleetModel } from './model.ts';
import type { RunningFleet } from './running-fleet.ts';
import { SessionLinks, type SessionLinksOptions } from './session-links.ts';
import { Supervisor } from './supervisor.ts';
import { Terminals } from './terminals.ts';
import { UsageMetrics } from './usage-metrics.ts';

const SAVE_MS = 200;
const SAVE_AGAIN_MS = 2000;

type ProblemSource = 'run' | 'state' | 'links';

/** What is put together before the session. */
interface SessionParts {
  readonly run: FleetRun;
  readonly lines: LogLines;
  /** Null: its calls pass none. */
  readonly links: SessionLinks | null;
}

/** One fleet on one runtime, from its start to its end. */
export class FleetSession {
  readonly terminals = new Terminals();
  readonly links: SessionLinks | null;
  readonly #options: FleetOptions;
  readonly #runtime: Runtime;
  readonly #state: FleetState;
  readonly #dial: Dial | null;
  readonly #images = new Map<string, ImageProgress>();
  readonly #lines: LogLines;
  readonly #problems = new Map<ProblemSource, ErrorView>();
  readonly #run: FleetRun;
  readonly #supervisor: Supervisor;
  #saveTimer: NodeJS.Timeout | null = null;
  #wasHealthy = false;
  #down: Promise<void> | null = null;

  private constructor(options: FleetOptions, runtime: Runtime, state: FleetState, { run, lines, links }: SessionParts) {
    this.#lines = lines;
    this.links = links;
    this.#options = options;
    this.#runtime = runtime;
    this.#state = state;
    this.#run = run;
    this.#supervisor = new Supervisor(
      {
        model: state.model,
        runtime,
        onChange: (change) => this.#tell(change),
        onLogs: (lines) => void options.onLogs(lines),
        onPhase: (phase) => this.#phaseChanged(phase),
      },
      this.#run,
    );
    const dial = state.model.dial;
    this.#dial =
      dial &&
      new Dial(
        dial,
        () => this.reach(dial.service, dial.port),
        () => this.#tellFleet(),
      );
  }

  /** Prepares the fleet on its runtime; nothing runs yet. */
  static async open(
    options: FleetOptions,
    runtime: Runtime,
    state: FleetState,
    { rebuild = false, isAdopted = false, onLinksRestart = () => {} } = {},
  ): Promise<FleetSession> {
    // The run tells the session, which is made of the run: until it is, there is nothing to tell.
    let session: FleetSession | null = null;
    const lines = new LogLines((records) => options.onLogs(records));
    const metrics = new UsageMetrics(state.runtime, state.model.name, (body) => options.onMetrics?.(body));
    const listener: RunListener = {
      event(event) {
        // Its last words come before its end.
        if (event.kind === 'exited') lines.end(event.instance);
        session?.supervisor.observe(event);
      },
      log: (chunk) => lines.take(chunk),
      stats(stats) {
        session?.supervisor.measured(stats);
        metrics.take(stats);
      },
      image: (progress) => session?.imaged(progress),
      problem: (problem) => session?.setProblem('run', problem),
      model: (model) => session?.refit(model),
    };
    let problem: ErrorView | null = null;
    const links = sessionLinks(state, {
      home: options.home,
      isAdopted,
      onChange: (change) => options.onChange(change),
      onRestart: onLinksRestart,
      onProblem(now) {
        problem = now;
        session?.setProblem('links', now);
      },
    });
    const context: RunContext = {
      runId: state.runId,
      home: options.home,
      rebuild,
      otlp: options.otlp,
      otlpAt: (host) => options.otlpAt?.(host) ?? Promise.resolve(null),
      listener,
      links: links ?? undefined,
      pickInstance: (service) => session?.supervisor.pickInstance(service) ?? 1,
      rewriteAddresses: (_service, environment, address) =>
        rewriteEnvironment(environment, (host, port) => {
          const to = state.model.services.find((one) => one.id === host);
          return to === undefined ? null : address(to.id, port);
        }),
    };
    const run = await openRun(runtime, state, context).catch(async (error: unknown) => {
      await links?.abandon();
      throw error;
    });
    session = new FleetSession(options, runtime, state, { run, lines, links });
    if (problem !== null) session.setProblem('links', problem);
    return session;
  }

  get state(): FleetState {
    return this.#state;
  }

  /** What does not work right now, and is told as long as it does not. */
  setProblem(source: ProblemSource, problem: ErrorView | null): void {
    if (problem === null && !this.#problems.has(source)) return;
    if (problem === null) this.#problems.delete(source);
    else this.#problems.set(source, problem);
    this.#options.onProblems?.([...this.#problems.values()]);
  }

  get supervisor(): Supervisor {
    return this.#supervisor;
  }

  get run(): FleetRun {
    return this.#run;
  }

  /** It runs without us, and is another fleet than it was. */
  refit(model: FleetModel): void {
    this.#state.model = model;
    this.#supervisor.refit(model);
    this.#save();
    this.#tellFleet();
  }

  /** From inside, for faults. */
  running(): RunningFleet {
    const { runId, runtime, model } = this.#state;
    return {
      runId,
      runtime,
      capabilities: this.#runtime.capabilities,
      model,
      run: this.#run,
      supervisor: this.#supervisor,
      isEnding: this.#state.stopping !== null,
    };
  }

  /** Looks at what runs without us; nothing is started. */
  async attach(): Promise<void> {
    await this.#look();
    this.#mark('start', `Attached to ${this.#state.model.name}`);
  }

  async #look(): Promise<void> {
    this.#wasHealthy = true;
    // What it finds may change the state at once.
    const { instances } = this.#state;
    const running = await this.#run.adopt();
    this.#supervisor.adopt(running, instances);
    this.#save();
    this.#tellFleet();
    this.#supervisor.tell();
  }

  /** Starts everything. */
  begin(): void {
    this.#save();
    this.#tellFleet();
    this.#mark('start', `${this.#state.model.name} is started`);
    this.#supervisor.startAll();
  }

  /**
   * Carries on with what runs, or finishes the `down` that an engine died in. False when there is no fleet any more, and
   * then nothing of it is left but its data.
   */
  async takeOver(): Promise<boolean> {
    if (this.#state.attached !== null && this.#state.stopping === null) {
      await this.#look();
      return true;
    }
    const running = await this.#run.adopt();
    const { stopping, instances } = this.#state;
    if (running.length === 0 || stopping !== null) {
      this.#letGo();
      await this.#run.down({ keepData: stopping?.keepData ?? true });
      await this.links?.stop();
      removeFleetState(this.#options.home);
      return false;
    }
    this.#wasHealthy = true;
    this.#tellFleet();
    this.#supervisor.adopt(running, instances);
    this.#supervisor.startAll();
    return true;
  }

  view(): FleetView {
    return { ...this.#header(), services: this.#supervisor.views(), images: [...this.#images.values()] };
  }

  /** How an image comes to be that was not there. */
  imaged(progress: ImageProgress): void {
    this.#images.set(progress.image, progress);
    this.#options.onChange({ kind: 'image', image: progress });
    this.#supervisor.imaged(progress);
    // What a failed build wrote is kept with the lines of the services that it was for.
    if (progress.state === 'failed') void this.#options.onLogs(imageLogRecords(progress, Date.now()));
  }

  reach(service: string, port: string | number): { host: string; port: number } | null {
    const id = ServiceId.safeParse(service);
    const known = id.success && this.#state.model.services.some((one) => one.id === id.data);
    if (!known) return null;
    return this.#run.reach({ service: id.data, index: this.#supervisor.pickInstance(id.data) }, String(port));
  }

  /** @throws FlotillaError NOT_FOUND, BAD_REQUEST, SERVICE_NOT_RUNNING */
  async turnDial(value: number): Promise<void> {
    if (this.#dial === null) throw new FlotillaError('NOT_FOUND', { what: 'dial', name: 'x-flotilla.dial' });
    await this.#dial.turn(value);
  }

  /** Stops everything and leaves nothing. A second call waits for the first; after one that failed it is tried again. */
  down(keepData: boolean): Promise<void> {
    this.#down ??= this.#end(keepData).catch((error: unknown) => {
      this.#down = null;
      throw error;
    });
    return this.#down;
  }

  async #end(keepData: boolean): Promise<void> {
    this.#state.stopping = { keepData };
    this.#save();
    const { attached, model } = this.#state;
    this.#mark('stop', attached === null ? `${model.name} is stopped` : `Detached from ${model.name}`);
    this.terminals.closeAll();
    this.#dial?.close();
    await this.#options.onEnding?.(this.#state.runId);
    if (attached === null) await this.#supervisor.stopAll();
    this.#letGo();
    await this.#run.down({ keepData });
    await this.links?.stop();
    removeFleetState(this.#options.home);
    // There is nothing to write any more.
    this.setProblem('state', null);
    this.#options.onChange({ kind: 'fleet', fleet: null });
  }

  /** Lets go of a fleet that could not be taken over, and leaves what is known of it to an engine that can. */
  async abandon(): Promise<void> {
    this.#letGo();
    await this.links?.release();
    await this.#run.close();
  }

  /** Lets go; the fleet goes on running. */
  async close(): Promise<void> {
    if (this.#down !== null) return this.#down;
    this.terminals.closeAll();
    this.#dial?.close();
    this.#save();
    this.#letGo();
    await this.links?.release();
    await this.#run.close();
  }

  #letGo(): void {
    this.#supervisor.close();
    this.#lines.close();
    this.#dial?.close();
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    this.#saveTimer = null;
  }

  #header(): Omit<FleetView, 'services' | 'images'> {
    const { model, runtimeReason, startedAtMs } = this.#state;
    return {
      name: model.name,
      file: model.file,
      runtime: this.#runtime.kind,
      state: this.#supervisor.phase,
      runtimeReason,
      capabilities: [...this.#runtime.capabilities],
      startedAt: new Date(startedAtMs).toISOString(),
      warnings: [...model.warnings],
      dial: this.#dial?.view() ?? null,
      attached: this.#run.attachment?.() ?? null,
    };
  }

  #tellFleet(): void {
    this.#options.onChange({ kind: 'fleet', fleet: this.#header() });
  }

  #tell(change: EngineChange): void {
    this.#options.onChange(change);
    if (change.kind !== 'service') return;
    this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_MS);
    // What is being stopped is not asked for its dial.
    if (this.#down !== null) return;
    if (change.service.id !== this.#state.model.dial?.service) return;
    this.#dial?.setAvailable(change.service.state === 'running' && change.service.health !== 'unhealthy');
  }

  #mark(kind: TimelineMark['kind'], text: string): void {
    const atMs = Date.now();
    const mark: TimelineMark = { id: `${atMs}-fleet-${kind}`, kind, atMs, untilMs: null, service: null, text };
    this.#options.onChange({ kind: 'mark', mark });
  }

  #phaseChanged(phase: FleetPhase): void {
    this.#tellFleet();
    if (phase !== 'healthy' || this.#wasHealthy) return;
    this.#wasHealthy = true;
    const took = durationWords(Date.now() - this.#state.startedAtMs);
    this.#mark('healthy', `${this.#state.model.name} is healthy after ${took}`);
  }

  #save(): void {
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    this.#saveTimer = null;
    this.#state.instances = this.#supervisor.saved();
    try {
      writeFleetState(this.#options.home, this.#state);
      this.setProblem('state', null);
    } catch (error) {
      // A full disk must not end the fleet. What is written is only for an engine after this one.
      this.setProblem('state', toErrorView(error));
      if (this.#down === null) this.#saveTimer = setTimeout(() => this.#save(), SAVE_AGAIN_MS);
    }
  }
}

/** Null where the fleet's calls pass no links. */
function sessionLinks(state: FleetState, options: Omit<SessionLinksOptions, 'edges'>): SessionLinks | null {
  if (!state.links || state.attached !== null) return null;
  const edges = linkEdges(state.model);
  return edges.length === 0 ? null : new SessionLinks({ ...options, edges });
}

function openRun(runtime: Runtime, { attached, model }: FleetState, context: RunContext): Promise<FleetRun> {
  if (attached === null) return runtime.open(model, context);
  const { attaching } = runtime;
  if (attaching !== undefined) return attaching.open(attached, model, context);
  const remedy = 'Use one with containers.';
  throw new FlotillaError('RUNTIME_CANNOT', {
    runtime: runtime.kind,
    action: 'attach',
    detail: 'it has no way to',
    remedy,
  });
}
