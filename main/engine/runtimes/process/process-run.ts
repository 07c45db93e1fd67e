import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { type Endpoint, type EnvironmentEntry, FlotillaError, type ServiceId } from '../../../contract/index.ts';
import type { FleetModel, Healthcheck, PortSpec, ServiceSpec } from '../../fleet/index.ts';
import {
  type ExecCommand,
  type ExecResult,
  type FleetRun,
  type InstanceRef,
  instanceId,
  type RunContext,
  type RunningInstance,
  type TerminalProcess,
  type TerminalSize,
} from '../runtime.ts';
import { findCommand } from './command-lookup.ts';
import { environmentEntries, inheritedVariables, serviceVariables, type Variable } from './environment.ts';
import { execute } from './exec.ts';
import { InstanceProcess, type ProcessEnd } from './instance-process.ts';
import { type LaunchPlan, launchPlan } from './launch-plan.ts';
import { endLeftovers } from './leftovers.ts';
import { LogFiles } from './log-files.ts';
import { Ports } from './ports.ts';
import type { ProcessTable } from './process-table.ts';
import { RunFolder } from './run-folder.ts';
import { type RunState, readRunState, writeJsonFile } from './state-file.ts';
import { StatsSampler } from './stats.ts';
import { openShell } from './terminal.ts';

const STATS_MS = 2000;
/** A service that ends this soon after its start may have ended because of a port. */
const PORT_TROUBLE_MS = 10_000;
const HOST = '127.0.0.1';

const portKey = (instance: string, containerPort: number): string => `${instance}:${containerPort}`;

/** A fleet as child processes, each leading a process group of its own, which outlive the engine that started them. */
export class ProcessRun implements FleetRun {
  readonly #model: FleetModel;
  readonly #context: RunContext;
  readonly #table: ProcessTable;
  readonly #folder: RunFolder;
  readonly #before: RunState | null;
  readonly #ports: Ports;
  readonly #logs: LogFiles;
  readonly #sampler: StatsSampler;
  readonly #running = new Map<string, InstanceProcess>();
  /** Resolves when an instance's end has been told. */
  readonly #endings = new Map<string, Promise<void>>();
  readonly #statsTimer: NodeJS.Timeout;
  #sampling = false;
  #closed = false;

  constructor(model: FleetModel, context: RunContext, table: ProcessTable) {
    this.#model = model;
    this.#context = context;
    this.#table = table;
    this.#folder = new RunFolder(context.home, context.runId, model.name);
    this.#before = readRunState(this.#folder.stateFile);
    this.#ports = new Ports(this.#before?.ports);
    this.#logs = new LogFiles(this.#folder, context.listener);
    this.#sampler = new StatsSampler(table);
    this.#statsTimer = setInterval(() => void this.#sample(), STATS_MS);
    this.#statsTimer.unref();
  }

  /** Chooses a port for everything that listens, so that every address is known before anything is started. */
  async prepare(): Promise<void> {
    for (const spec of this.#model.services) {
      for (let index = 1; index <= spec.replicas; index += 1) {
        for (const port of spec.ports) {
          // Two copies cannot listen on one port: the asked one is the first copy's.
          const asked = port.published && index === 1 ? port.hostPort : null;
          await this.#ports.choose(portKey(`${spec.id}-${index}`, port.containerPort), asked);
        }
      }
    }
    this.#save();
  }

  async adopt(): Promise<readonly RunningInstance[]> {
    const found: RunningInstance[] = [];
    for (const { service, index, pid, identity, startedAtMs } of this.#before?.instances ?? []) {
      const ref = { service, index };
      this.#logs.follow(ref);
      const entry = await this.#table.one(pid);
      if (entry?.identity !== identity) {
        // It ended while nobody watched: what it wrote is read, what it left behind is ended.
        await this.#logs.drain(ref);
        await endLeftovers(this.#table, this.#provenance(ref, pid, new Set()));
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
    const spec = this.#spec(ref.service);
    const id = instanceId(ref);
    const already = this.#running.get(id);
    if (already !== undefined) return already.running();
    const plan = launchPlan(spec, this.#folder.dataDir(id));
    if (plan.embedded !== null) this.#folder.makeDataDir(id);
    const keys = spec.ports.map((port) => portKey(id, port.containerPort));
    for (const key of keys) await this.#ports.secure(key, spec.id);
    const environment = this.#environmentOf(spec, ref, plan);
    this.#handOutAddresses(spec, plan);
    const started = await this.#spawn(spec, ref, plan, environment, keys);
    this.#watch(started);
    this.#save();
    return started.running();
  }

  async #spawn(
    spec: ServiceSpec,
    ref: InstanceRef,
    plan: LaunchPlan,
    environment: Record<string, string>,
    portKeys: readonly string[],
  ): Promise<InstanceProcess> {
    const [word = '', ...rest] = plan.words;
    const file = findCommand(word, plan.cwd, environment.PATH ?? '');
    if (file === null) {
      throw new FlotillaError('SERVICE_COMMAND_MISSING', { service: spec.id, command: word, file: this.#model.file });
    }
    const id = instanceId(ref);
    const tags = { FLOTILLA_RUN: this.#context.runId, FLOTILLA_INSTANCE: this.#instanceTag(ref) };
    const output = this.#logs.openForWriting(ref);
    try {
      await this.#ports.release(portKeys);
      const child = spawn(file, rest, {
        cwd: plan.cwd,
        env: { ...environment, ...tags },
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
    const spec = this.#spec(ref.service);
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
    const { healthcheck } = spec;
    const embedded = spec.process === null;
    if (healthcheck?.http || healthcheck?.tcp) return healthcheck;
    if (!embedded) return healthcheck?.test ? healthcheck : null;
    // The image's own tools (pg_isready, redis-cli) are not here. What stands in for it answers once it is ready.
    const port = spec.ports[0];
    if (port === undefined) return null;
    const times = healthcheck ?? DEFAULT_TIMES;
    return { ...times, http: null, tcp: { port: port.name }, test: null };
  }

  reach(ref: InstanceRef, port: string): { host: string; port: number } | null {
    const spec = this.#spec(ref.service);
    const found =
      spec.ports.find((one) => one.name === port) ?? spec.ports.find((one) => String(one.containerPort) === port);
    const number = found === undefined ? null : this.#ports.of(portKey(instanceId(ref), found.containerPort));
    return number === null ? null : { host: HOST, port: number };
  }

  async exec(ref: InstanceRef, command: ExecCommand): Promise<ExecResult> {
    const spec = this.#spec(ref.service);
    const plan = launchPlan(spec, this.#folder.dataDir(instanceId(ref)));
    const environment: Record<string, string> = {
      ...this.#environmentOf(spec, ref, plan),
      FLOTILLA_RUN: this.#context.runId,
    };
    const words = command.words.map((word) => this.#localPorts(spec, ref, word));
    const [word = '', ...rest] = command.shell ? ['/bin/sh', '-c', words.join(' ')] : words;
    const file = findCommand(word, plan.cwd, environment.PATH ?? '');
    if (file === null) return { exitCode: null, output: `the command ${word} was not found` };
    return execute(file, rest, { cwd: plan.cwd, environment, timeoutMs: command.timeoutMs });
  }

  /** A container's test speaks to the port that the file knows, on localhost; the process has another. */
  #localPorts(spec: ServiceSpec, ref: InstanceRef, word: string): string {
    return word.replace(/\b(localhost|127\.0\.0\.1):(\d{1,5})\b/g, (whole, host: string, port: string) => {
      const actual = this.#ports.of(portKey(instanceId(ref), Number(port)));
      return actual === null || !spec.ports.some((one) => one.containerPort === Number(port))
        ? whole
        : `${host}:${actual}`;
    });
  }

  endpoints(spec: ServiceSpec): readonly Endpoint[] {
    const endpoints: Endpoint[] = [];
    for (let index = 1; index <= spec.replicas; index += 1) {
      for (const { name, containerPort, protocol } of spec.ports) {
        const port = this.#ports.of(portKey(`${spec.id}-${index}`, containerPort));
        if (port === null) continue;
        const url = `${protocol}://${HOST}:${port}`;
        endpoints.push({ name: index === 1 ? name : `${name} (${index})`, url, protocol, containerPort });
      }
    }
    return endpoints;
  }

  address(from: ServiceId, to: ServiceId, containerPort: number): string | null {
    const port = this.#ports.of(this.#addressKey(from, to, containerPort));
    return port === null ? null : `${HOST}:${port}`;
  }

  #addressKey(from: ServiceId, to: ServiceId, containerPort: number): string {
    const index = from === to ? 1 : this.#context.pickInstance(to);
    return portKey(`${to}-${index}`, containerPort);
  }

  async environment(spec: ServiceSpec, reveal: boolean): Promise<readonly EnvironmentEntry[]> {
    const ref = { service: spec.id, index: 1 };
    const plan = this.#planOrNothing(spec, ref);
    return environmentEntries(this.#variables(spec, ref, plan), reveal);
  }

  /** A service that cannot run here still has an environment to look at. */
  #planOrNothing(spec: ServiceSpec, ref: InstanceRef): LaunchPlan {
    try {
      return launchPlan(spec, this.#folder.dataDir(instanceId(ref)));
    } catch {
      return { words: [], cwd: this.#model.directory, own: {}, embedded: null };
    }
  }

  async openTerminal(ref: InstanceRef, size: TerminalSize): Promise<TerminalProcess> {
    const spec = this.#spec(ref.service);
    const plan = this.#planOrNothing(spec, ref);
    if (plan.embedded !== null) this.#folder.makeDataDir(instanceId(ref));
    // Without our tags: what a person starts in a terminal is theirs, also after the fleet is down.
    const environment = { ...this.#environmentOf(spec, ref, plan), TERM: 'xterm-256color' };
    return openShell(plan.cwd, environment, size);
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
    await this.#ports.close();
  }

  #spec(service: ServiceId): ServiceSpec {
    const spec = this.#model.services.find((one) => one.id === service);
    if (spec !== undefined) return spec;
    const known = this.#model.services.map((one) => one.id).join(', ');
    throw new FlotillaError('SERVICE_UNKNOWN', { service, known });
  }

  #environmentOf(spec: ServiceSpec, ref: InstanceRef, plan: LaunchPlan): Record<string, string> {
    const own = this.#variables(spec, ref, plan).map(({ name, value }) => [name, value] as const);
    return { ...inheritedVariables(), ...Object.fromEntries(own) };
  }

  #variables(spec: ServiceSpec, ref: InstanceRef, plan: LaunchPlan): Variable[] {
    const id = instanceId(ref);
    const portOf = (port: PortSpec): number | null => this.#ports.of(portKey(id, port.containerPort));
    const ports: Record<string, string> = {};
    for (const port of spec.ports) if (port.env !== null) ports[port.env] = String(portOf(port) ?? port.containerPort);
    const [first] = spec.ports;
    if (plan.embedded !== null) ports.PORT = String((first && portOf(first)) ?? 0);
    return serviceVariables({
      spec,
      instance: id,
      own: plan.own,
      embedded: plan.embedded ?? {},
      ports,
      otlpHttp: this.#context.otlp.http,
      rewrite: (environment) =>
        this.#context.rewriteAddresses(spec.id, environment, (to, port) => this.address(spec.id, to, port)),
    });
  }

  /** What it is told now it will rely on: those ports do not change any more. */
  #handOutAddresses(spec: ServiceSpec, plan: LaunchPlan): void {
    const given = Object.entries(spec.environment).map(([name, { value }]) => [name, value] as const);
    this.#context.rewriteAddresses(spec.id, { ...Object.fromEntries(given), ...plan.own }, (to, containerPort) => {
      if (to !== spec.id) this.#ports.give(this.#addressKey(spec.id, to, containerPort));
      return null;
    });
  }

  #watch(running: InstanceProcess): void {
    const id = instanceId(running.ref);
    this.#logs.follow(running.ref);
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
    if (this.#closed) return;
    await this.#logs.drain(ref);
    const keys = this.#spec(ref.service).ports.map((port) => portKey(id, port.containerPort));
    const early = end.code !== 0 && end.signal === null && atMs - running.startedAtMs < PORT_TROUBLE_MS;
    const portTaken = early ? await this.#ports.taken(keys) : null;
    this.#running.delete(id);
    this.#endings.delete(id);
    this.#save();
    this.#context.listener.event({
      kind: 'exited',
      instance: ref,
      exit: { atMs, ...end, oomKilled: false, portTaken },
    });
  }

  #instanceTag(ref: InstanceRef): string {
    return `${this.#context.runId}/${instanceId(ref)}`;
  }

  #provenance(ref: InstanceRef, leader: number, descendants: ReadonlySet<string>) {
    return { assignment: `FLOTILLA_INSTANCE=${this.#instanceTag(ref)}`, leader, descendants };
  }

  async #sample(): Promise<void> {
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

  #save(): void {
    if (this.#closed) return;
    const instances = [...this.#running.values()].map(({ ref, pid, identity, startedAtMs }) => ({
      service: ref.service,
      index: ref.index,
      pid,
      identity,
      startedAtMs,
    }));
    const state: RunState = { version: 1, runId: this.#context.runId, ports: this.#ports.saved(), instances };
    writeJsonFile(this.#folder.stateFile, state);
  }
}

const DEFAULT_TIMES = { intervalMs: 5000, timeoutMs: 2000, retries: 3, startPeriodMs: 30_000, startIntervalMs: 250 };
