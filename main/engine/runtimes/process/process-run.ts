import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { type Endpoint, type EnvironmentEntry, FlotillaError, type ServiceId } from '../../../contract/index.ts';
import type { FleetModel, Healthcheck, ServiceSpec } from '../../fleet/index.ts';
import {
  type ExecCommand,
  type ExecResult,
  type FleetRun,
  type InstanceFaults,
  type InstanceRef,
  instanceId,
  type RunContext,
  type RunningInstance,
  type TerminalProcess,
  type TerminalSize,
} from '../runtime.ts';
import { environmentEntries } from '../variables.ts';
import { findCommand } from './command-lookup.ts';
import { execute } from './exec.ts';
import { InstanceProcess, type ProcessEnd } from './instance-process.ts';
import type { LaunchPlan } from './launch-plan.ts';
import { endLeftovers, type Provenance } from './leftovers.ts';
import { LogFiles } from './log-files.ts';
import { ProcessClocks } from './process-clocks.ts';
import { ProcessPressure } from './process-pressure.ts';
import type { ProcessTable } from './process-table.ts';
import { RunFolder } from './run-folder.ts';
import { type RunState, readRunState, writeJsonFile } from './state-file.ts';
import { StatsSampler } from './stats.ts';
import { Surroundings } from './surroundings.ts';
import { openTerminal, userShell } from './terminal.ts';

const STATS_MS = 2000;
/** A service that ends this soon after its start may have ended because of a port. */
const PORT_TROUBLE_MS = 10_000;

const NO_CONTAINER = 'its services are processes of this machine and use its files';

function cannot(action: string, detail: string): FlotillaError {
  const remedy = 'Open a terminal in the service, or use --runtime docker.';
  return new FlotillaError('RUNTIME_CANNOT', { runtime: 'process', action, detail, remedy });
}

/** A fleet as child processes, each leading a process group of its own, which outlive the engine that started them. */
export class ProcessRun implements FleetRun {
  readonly #model: FleetModel;
  readonly #context: RunContext;
  readonly #table: ProcessTable;
  readonly #folder: RunFolder;
  readonly #before: RunState | null;
  readonly #surroundings: Surroundings;
  readonly #logs: LogFiles;
  readonly #sampler: StatsSampler;
  readonly #running = new Map<string, InstanceProcess>();
  /** Resolves when an instance's end has been told. */
  readonly #endings = new Map<string, Promise<void>>();
  readonly #statsTimer: NodeJS.Timeout;
  readonly faults: InstanceFaults;
  readonly clocks = new ProcessClocks();
  #sampling = false;
  #unsaved = false;
  #closed = false;

  constructor(model: FleetModel, context: RunContext, table: ProcessTable) {
    this.#model = model;
    this.#context = context;
    this.#table = table;
    this.#folder = new RunFolder(context.home, context.runId, model.name);
    this.#before = readRunState(this.#folder.stateFile);
    this.#surroundings = new Surroundings(model, context, this.#folder, this.#before?.ports ?? {});
    this.#logs = new LogFiles(this.#folder, context.listener);
    this.#sampler = new StatsSampler(table);
    this.faults = new ProcessPressure({
      table,
      isRunning: (ref) => this.#running.has(instanceId(ref)),
      tags: (ref) => this.#tags(ref),
    });
    this.#statsTimer = setInterval(() => void this.#sample(), STATS_MS);
    this.#statsTimer.unref();
  }

  /** Chooses ports and opens links; starts nothing. What ran before is taken over on a full disk, too: at least to be stopped. */
  async open(): Promise<void> {
    await this.#surroundings.choosePorts();
    await this.#surroundings.openLinks();
    if (this.#before === null) this.#write();
    else this.#save();
  }

  async adopt(): Promise<readonly RunningInstance[]> {
    const found: RunningInstance[] = [];
    for (const { service, index, pid, identity, startedAtMs, clockSeconds } of this.#before?.instances ?? []) {
      const ref = { service, index };
      this.clocks.adopt(ref, clockSeconds);
      this.#logs.followIfPossible(ref);
      const entry = await this.#table.one(pid);
      if (entry?.identity !== identity) {
        // It ended while nobody watched: what it wrote is read, what it left behind is ended.
        await this.#logs.drain(ref);
        await endLeftovers(this.#table, this.#provenance(ref, pid, new Set()));
        this.clocks.ended(ref, [pid]);
        continue;
      }
      const adopted = new InstanceProcess(this.#table, { ref, pid, identity, startedAtMs }, null);
      adopted.paused = entry.stopped;
      this.#watch(adopted);
      found.push(adopted.running());
    }
    this.#save();
    return found;
  }

  async start(ref: InstanceRef): Promise<RunningInstance> {
    const id = instanceId(ref);
    const already = this.#running.get(id);
    if (already !== undefined) return already.running();
    const surroundings = this.#surroundings;
    const plan = surroundings.plan(ref);
    if (plan.embedded !== null) this.#folder.makeDataDir(id);
    for (const key of surroundings.portKeys(ref)) await surroundings.ports.secure(key, ref.service);
    surroundings.handOutAddresses(ref, plan);
    // Before it runs: where its output cannot be followed it is not started.
    this.#logs.follow(ref);
    const started = await this.#spawn(ref, plan);
    this.#watch(started);
    this.#save();
    return started.running();
  }

  async #spawn(ref: InstanceRef, plan: LaunchPlan): Promise<InstanceProcess> {
    const id = instanceId(ref);
    const environment: Record<string, string> = { ...this.#surroundings.environment(ref, plan), ...this.#tags(ref) };
    const [word = '', ...rest] = plan.words;
    const file = findCommand(word, plan.cwd, environment.PATH ?? '');
    if (file === null) {
      const details = { service: ref.service, command: word, file: this.#model.file };
      throw new FlotillaError('SERVICE_COMMAND_MISSING', details);
    }
    const output = this.#logs.openForWriting(ref);
    try {
      await this.#surroundings.ports.release(this.#surroundings.portKeys(ref));
      const child = spawn(file, rest, {
        cwd: plan.cwd,
        env: this.clocks.launch(ref, environment),
        stdio: ['ignore', output.stdout, output.stderr],
        detached: true,
      });
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      child.unref();
      const pid = child.pid ?? 0;
      // Ended already: its number is still its own, as we have not been told yet, but its entry may be gone.
      const identity = (await this.#table.one(pid))?.identity ?? `ended/${id}`;
      return new InstanceProcess(this.#table, { ref, pid, identity, startedAtMs: Date.now() }, child);
    } catch (cause) {
      this.clocks.ended(ref, []);
      const detail = `${word} could not be started: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new FlotillaError('INTERNAL', { detail }, { cause });
    } finally {
      closeSync(output.stdout);
      closeSync(output.stderr);
    }
  }

  async stop(ref: InstanceRef): Promise<void> {
    const running = this.#running.get(instanceId(ref));
    if (running === undefined) return;
    const spec = this.#surroundings.spec(ref.service);
    await running.signal(spec.stopSignal, 'process');
    // One that stands still would not hear the signal before it goes on.
    if (running.paused) await running.signal('SIGCONT', 'group');
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), spec.stopGracePeriodMs);
    });
    const outcome = await Promise.race([this.#ending(ref), patience]);
    clearTimeout(timer);
    if (outcome === 'late') await this.kill(ref);
  }

  async kill(ref: InstanceRef): Promise<void> {
    await this.#running.get(instanceId(ref))?.kill();
    await this.#ending(ref);
  }

  async pause(ref: InstanceRef): Promise<void> {
    await this.#setPaused(ref, true);
  }

  async resume(ref: InstanceRef): Promise<void> {
    await this.#setPaused(ref, false);
  }

  async #setPaused(ref: InstanceRef, paused: boolean): Promise<void> {
    const running = this.#running.get(instanceId(ref));
    if (running === undefined) throw new FlotillaError('SERVICE_NOT_RUNNING', { service: ref.service });
    running.paused = paused;
    running.pausedChangedMs = Date.now();
    await running.signal(paused ? 'SIGSTOP' : 'SIGCONT', 'group');
  }

  healthcheck(spec: ServiceSpec): Healthcheck | null {
    return this.#surroundings.healthcheck(spec);
  }

  reach(ref: InstanceRef, port: string): { host: string; port: number } | null {
    return this.#surroundings.reach(ref, port);
  }

  endpoints(spec: ServiceSpec): readonly Endpoint[] {
    return this.#surroundings.endpoints(spec);
  }

  address(from: ServiceId, to: ServiceId, containerPort: number): string | null {
    return this.#surroundings.address(from, to, containerPort);
  }

  async environment(spec: ServiceSpec, reveal: boolean): Promise<readonly EnvironmentEntry[]> {
    const ref = { service: spec.id, index: 1 };
    return environmentEntries(this.#surroundings.variables(ref, this.#surroundings.planOrNothing(ref)), reveal);
  }

  async exec(ref: InstanceRef, command: ExecCommand): Promise<ExecResult> {
    const plan = this.#surroundings.plan(ref);
    const own = this.#surroundings.environment(ref, plan);
    const environment: Record<string, string> = { ...own, FLOTILLA_RUN: this.#context.runId };
    const words = command.words.map((word) => this.#surroundings.localPorts(ref, word));
    const [word = '', ...rest] = command.shell ? ['/bin/sh', '-c', words.join(' ')] : words;
    const file = findCommand(word, plan.cwd, environment.PATH ?? '');
    if (file === null) return { exitCode: null, output: `the command ${word} was not found` };
    return execute(file, rest, { cwd: plan.cwd, environment, timeoutMs: command.timeoutMs });
  }

  async openTerminal(ref: InstanceRef, size: TerminalSize, command?: readonly string[]): Promise<TerminalProcess> {
    const plan = this.#surroundings.planOrNothing(ref);
    if (plan.embedded !== null) this.#folder.makeDataDir(instanceId(ref));
    // Without our tags: what a person starts in a terminal is theirs, also after the fleet is down.
    const own = this.#surroundings.environment(ref, plan);
    const environment: Record<string, string> = { ...own, TERM: 'xterm-256color' };
    if (command === undefined) return openTerminal(userShell(), [], plan.cwd, environment, size);
    const [word = '', ...rest] = command;
    const file = findCommand(word, plan.cwd, environment.PATH ?? '');
    if (file === null) throw new FlotillaError('NOT_FOUND', { what: 'command', name: word });
    return openTerminal(file, rest, plan.cwd, environment, size);
  }

  async inspect(): Promise<never> {
    throw cannot('inspect a service', NO_CONTAINER);
  }

  async listFolder(): Promise<never> {
    throw cannot('list the files of a service', NO_CONTAINER);
  }

  async readFile(): Promise<never> {
    throw cannot('read the files of a service', NO_CONTAINER);
  }

  async down({ keepData }: { readonly keepData: boolean }): Promise<void> {
    await Promise.all([...this.#running.values()].map((one) => this.kill(one.ref)));
    const assignment = `FLOTILLA_RUN=${this.#context.runId}`;
    await endLeftovers(this.#table, { assignment, leader: null, descendants: new Set() });
    await this.close();
    await this.#folder.remove(keepData);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#save();
    this.#closed = true;
    clearInterval(this.#statsTimer);
    for (const running of this.#running.values()) running.release();
    this.#running.clear();
    this.#endings.clear();
    this.#logs.close();
    await this.#surroundings.ports.close();
  }

  #watch(running: InstanceProcess): void {
    const id = instanceId(running.ref);
    this.#running.set(id, running);
    this.#endings.set(
      id,
      running.ended.then((end) => this.#onEnd(running, end)),
    );
  }

  async #ending(ref: InstanceRef): Promise<void> {
    await this.#endings.get(instanceId(ref));
  }

  async #onEnd(running: InstanceProcess, end: ProcessEnd): Promise<void> {
    const { ref, pid } = running;
    const id = instanceId(ref);
    const atMs = Date.now();
    running.release();
    await endLeftovers(this.#table, this.#provenance(ref, pid, running.descendants));
    this.clocks.ended(ref, [pid, ...running.tree.map((entry) => entry.pid)]);
    if (this.#closed) return;
    await this.#logs.drain(ref);
    const early = end.code !== 0 && end.signal === null && atMs - running.startedAtMs < PORT_TROUBLE_MS;
    const portTaken = early ? await this.#surroundings.ports.taken(this.#surroundings.portKeys(ref)) : null;
    this.#running.delete(id);
    this.#endings.delete(id);
    this.#save();
    this.#context.listener.event({
      kind: 'exited',
      instance: ref,
      exit: { atMs, ...end, oomKilled: false, portTaken },
    });
  }

  /** What marks everything that is started for an instance. */
  #tags(ref: InstanceRef): Record<string, string> {
    return { FLOTILLA_RUN: this.#context.runId, FLOTILLA_INSTANCE: this.#instanceTag(ref) };
  }

  #instanceTag(ref: InstanceRef): string {
    return `${this.#context.runId}/${instanceId(ref)}`;
  }

  #provenance(ref: InstanceRef, leader: number, descendants: ReadonlySet<string>): Provenance {
    return { assignment: `FLOTILLA_INSTANCE=${this.#instanceTag(ref)}`, leader, descendants };
  }

  async #sample(): Promise<void> {
    if (this.#unsaved) this.#save();
    if (this.#sampling || this.#running.size === 0) return;
    this.#sampling = true;
    const beganMs = Date.now();
    try {
      const leaders = new Map([...this.#running].map(([id, { ref, pid }]) => [id, { instance: ref, pid }] as const));
      const { stats, trees } = await this.#sampler.sample(leaders);
      if (this.#closed) return;
      for (const [id, tree] of trees) this.#lookAt(id, tree, beganMs);
      if (stats.length > 0) this.#context.listener.stats(stats);
    } finally {
      this.#sampling = false;
    }
  }

  /** Remembers what belongs to it, and tells when someone else paused it or let it go on. */
  #lookAt(id: string, tree: InstanceProcess['tree'], beganMs: number): void {
    const running = this.#running.get(id);
    const leader = tree.find((entry) => entry.pid === running?.pid);
    if (running === undefined || leader === undefined || leader.identity !== running.identity) return;
    running.tree = tree;
    if (leader.stopped === running.paused || running.pausedChangedMs >= beganMs - STATS_MS) return;
    running.paused = leader.stopped;
    this.#context.listener.event({ kind: 'observed', instance: running.ref, running: running.running() });
  }

  /** What cannot be written now, as the disk is full, is written later: a run must not end for that. */
  #save(): void {
    if (this.#closed) return;
    try {
      this.#write();
      this.#unsaved = false;
    } catch {
      this.#unsaved = true;
    }
  }

  #write(): void {
    const instances = [...this.#running.values()].map(({ ref, pid, identity, startedAtMs }) => ({
      service: ref.service,
      index: ref.index,
      pid,
      identity,
      startedAtMs,
      clockSeconds: this.clocks.of(ref) ?? 0,
    }));
    const state: RunState = {
      version: 1,
      runId: this.#context.runId,
      ports: this.#surroundings.ports.saved(),
      instances,
    };
    writeJsonFile(this.#folder.stateFile, state);
  }
}
