import type {
  ContainerFile,
  ContainerFolder,
  EnvironmentEntry,
  FlotillaError,
  ServiceId,
} from '../../../contract/index.ts';
import type { FleetModel, Healthcheck, ServiceSpec } from '../../fleet/index.ts';
import {
  type ExecResult,
  type FleetRun,
  type InstanceExit,
  type InstanceRef,
  instanceId,
  type RunContext,
  type RunningInstance,
  type Runtime,
  type TerminalProcess,
} from '../runtime.ts';

/** How an instance of a `MemoryRun` stands. */
interface Pretended {
  readonly running: RunningInstance;
  healthy: boolean;
}

const ENDED: Omit<InstanceExit, 'atMs'> = { code: 0, signal: null, oomKilled: false, portTaken: null };

/**
 * A run that starts nothing and does what a test tells it, at the time of the test's clock. A health check by `test` asks
 * whether the test has said that the instance is healthy.
 */
export class MemoryRun implements FleetRun {
  /** What was asked of it, in order: `start a-1`. */
  readonly asked: string[] = [];
  /** Instances that refuse to start, by id. */
  readonly refusals = new Map<string, FlotillaError>();
  /** Instances that do not hear a stop, by id. */
  readonly deaf = new Set<string>();
  /** Services whose preparation a test ends, by id: `null` when all goes well. */
  readonly preparing = new Map<string, (error: FlotillaError | null) => void>();
  /** Set before the run is used: whether services have to be prepared. */
  prepare?: (service: ServiceId) => Promise<void>;
  readonly #context: RunContext;
  readonly #running = new Map<string, Pretended>();
  readonly #before: readonly RunningInstance[];
  #pids = 1000;

  constructor(context: RunContext, before: readonly RunningInstance[] = []) {
    this.#context = context;
    this.#before = before;
  }

  /** From now on a service has to be prepared, which takes until a test ends it by `preparing`. */
  requirePreparation(): void {
    this.prepare = (service) =>
      new Promise((resolve, reject) => {
        this.asked.push(`prepare ${service}`);
        this.preparing.set(service, (error) => (error === null ? resolve() : reject(error)));
      });
  }

  /** Says how it is from now on; its health check will find out. */
  setHealthy(ref: InstanceRef, healthy: boolean): void {
    const pretended = this.#running.get(instanceId(ref));
    if (pretended) pretended.healthy = healthy;
  }

  /** Lets an instance end by itself. */
  end(ref: InstanceRef, exit: Partial<InstanceExit> = {}): void {
    if (!this.#running.delete(instanceId(ref))) return;
    const told = { ...ENDED, atMs: Date.now(), ...exit };
    this.#context.listener.event({ kind: 'exited', instance: ref, exit: told });
  }

  isRunning(ref: InstanceRef): boolean {
    return this.#running.has(instanceId(ref));
  }

  async adopt(): Promise<readonly RunningInstance[]> {
    for (const running of this.#before) this.#running.set(instanceId(running.instance), { running, healthy: true });
    return this.#before;
  }

  async start(ref: InstanceRef): Promise<RunningInstance> {
    const id = instanceId(ref);
    this.asked.push(`start ${id}`);
    const refusal = this.refusals.get(id);
    if (refusal) throw refusal;
    this.#pids += 1;
    const running = { instance: ref, pid: this.#pids, containerId: null, startedAtMs: Date.now(), paused: false };
    this.#running.set(id, { running, healthy: false });
    return running;
  }

  async stop(ref: InstanceRef): Promise<void> {
    const id = instanceId(ref);
    this.asked.push(`stop ${id}`);
    if (this.deaf.has(id)) this.end(ref, { code: null, signal: 'SIGKILL' });
    else this.end(ref, { code: null, signal: 'SIGTERM' });
  }

  async kill(ref: InstanceRef): Promise<void> {
    this.asked.push(`kill ${instanceId(ref)}`);
    this.end(ref, { code: null, signal: 'SIGKILL' });
  }

  async pause(ref: InstanceRef): Promise<void> {
    this.asked.push(`pause ${instanceId(ref)}`);
  }

  async resume(ref: InstanceRef): Promise<void> {
    this.asked.push(`resume ${instanceId(ref)}`);
  }

  healthcheck(service: ServiceSpec): Healthcheck | null {
    return service.healthcheck;
  }

  reach(): null {
    return null;
  }

  async exec(ref: InstanceRef): Promise<ExecResult> {
    const healthy = this.#running.get(instanceId(ref))?.healthy ?? false;
    return healthy ? { exitCode: 0, output: '' } : { exitCode: 1, output: 'not yet' };
  }

  endpoints(): [] {
    return [];
  }

  address(): null {
    return null;
  }

  async environment(): Promise<readonly EnvironmentEntry[]> {
    return [];
  }

  async openTerminal(): Promise<TerminalProcess> {
    throw new Error('there are no terminals in memory');
  }

  async inspect(): Promise<Record<string, unknown>> {
    return {};
  }

  async listFolder(_ref: InstanceRef, path: string): Promise<ContainerFolder> {
    return { path, entries: [], cut: false };
  }

  async readFile(_ref: InstanceRef, path: string): Promise<ContainerFile> {
    return { path, sizeBytes: 0, encoding: 'utf8', content: '', cut: false };
  }

  async down(): Promise<void> {
    this.asked.push('down');
    this.#running.clear();
  }

  async close(): Promise<void> {
    this.#running.clear();
  }
}

/** A runtime whose runs are `MemoryRun`s; `runs` holds those that were opened. */
export function memoryRuntime(before: readonly RunningInstance[] = []): Runtime & { readonly runs: MemoryRun[] } {
  const runs: MemoryRun[] = [];
  return {
    kind: 'process',
    capabilities: [{ name: 'pause', available: true, reason: null }],
    runs,
    detect: async () => ({ available: true, detail: 'in memory' }),
    async open(_model: FleetModel, context: RunContext) {
      const run = new MemoryRun(context, before);
      runs.push(run);
      return run;
    },
  };
}
