import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorView, ServiceId } from '../../main/contract/index.ts';
import { rewriteEnvironment } from '../../main/engine/fleet/edges.ts';
import { fleetModel } from '../../main/engine/fleet/model.fixture.ts';
import type { FleetModel, ServiceSpec } from '../../main/engine/fleet/model.ts';
import {
  type FleetRun,
  type InstanceEvent,
  type InstanceRef,
  type InstanceStats,
  instanceId,
  type LogChunk,
  type Runtime,
} from '../../main/engine/runtimes/index.ts';

export const ref = (service: string, index = 1): InstanceRef => ({ service: ServiceId.parse(service), index });

/** Waits until `look` gives something, and gives that. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`did not come about within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A run with all that it told. */
export class RecordedRun {
  readonly events: InstanceEvent[] = [];
  readonly chunks: LogChunk[] = [];
  readonly stats: InstanceStats[] = [];
  readonly problems: (ErrorView | null)[] = [];
  /** Events and log lines in the order in which they were told. */
  readonly told: string[] = [];
  readonly run: FleetRun;

  private constructor(open: (self: RecordedRun) => FleetRun) {
    this.run = open(this);
  }

  static async open(runtime: Runtime, model: FleetModel, home: string, runId: string): Promise<RecordedRun> {
    const recorded: { self: RecordedRun | null } = { self: null };
    const run = await runtime.open(model, {
      runId,
      home,
      otlp: { http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317' },
      pickInstance: () => 1,
      rewriteAddresses: (_service, environment, address) =>
        rewriteEnvironment(environment, (host, port) => {
          const to = model.services.find((one) => one.id === host);
          return to === undefined ? null : address(to.id, port);
        }),
      listener: {
        event: (event) => recorded.self?.event(event),
        log: (chunk) => recorded.self?.log(chunk),
        stats: (stats) => recorded.self?.stats.push(...stats),
        problem: (problem) => recorded.self?.problems.push(problem),
      },
    });
    recorded.self = new RecordedRun(() => run);
    return recorded.self;
  }

  private event(event: InstanceEvent): void {
    this.events.push(event);
    this.told.push(`${event.kind} ${instanceId(event.instance)}`);
  }

  private log(chunk: LogChunk): void {
    this.chunks.push(chunk);
    this.told.push(...chunk.lines);
  }

  lines(service: string, stream?: LogChunk['stream']): string[] {
    return this.chunks
      .filter((chunk) => chunk.instance.service === service && (stream === undefined || chunk.stream === stream))
      .flatMap((chunk) => chunk.lines);
  }

  line(service: string, pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(`a log line of ${service} like ${pattern}`, () =>
      this.lines(service)
        .map((line) => pattern.exec(line))
        .find((match) => match !== null),
    );
  }

  exit(service: string) {
    return eventually(`${service} exits`, () => {
      const found = this.events.find((event) => event.kind === 'exited' && event.instance.service === service);
      return found?.kind === 'exited' ? found.exit : null;
    });
  }

  async get(service: string, path: string, port = 'http'): Promise<string> {
    const target = this.run.reach(ref(service), port);
    if (target === null) throw new Error(`${service} has no port ${port}`);
    const signal = AbortSignal.timeout(2000);
    return (await fetch(`http://${target.host}:${target.port}${path}`, { signal })).text();
  }

  answers(service: string): Promise<boolean> {
    return eventually(`${service} answers`, () =>
      this.get(service, '/').then(
        (text) => text === 'well',
        () => false,
      ),
    );
  }
}

/** A home of its own, and runs in it that are taken down at the end. */
export class Bench {
  readonly home: string;
  /** One project of a container engine belongs to one fleet at a time; several tests may use one engine. */
  readonly fleet = `test-fleet-${process.pid}`;
  readonly #runs: RecordedRun[] = [];
  #count = 0;

  private constructor(home: string) {
    this.home = home;
  }

  static async create(): Promise<Bench> {
    return new Bench(await mkdtemp(join(tmpdir(), 'flotilla-runtimes-')));
  }

  async open(runtime: Runtime, services: readonly ServiceSpec[], runId?: string): Promise<RecordedRun> {
    this.#count += 1;
    const model = fleetModel(services, { name: this.fleet, directory: this.home });
    const recorded = await RecordedRun.open(runtime, model, this.home, runId ?? `bench-${process.pid}-${this.#count}`);
    this.#runs.push(recorded);
    return recorded;
  }

  async close(): Promise<void> {
    for (const { run } of this.#runs) await run.down({ keepData: false });
    await rm(this.home, { recursive: true, force: true });
  }
}

/** Whether a process of this number runs; one that has ended and was not collected does not. */
export async function processRuns(pid: number): Promise<boolean> {
  const { processTable } = await import('../../main/engine/runtimes/process/process-table.ts');
  return (await processTable().one(pid)) !== null;
}
