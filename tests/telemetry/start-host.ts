import { type ChildProcess, fork } from 'node:child_process';
import type { ErrorView, TelemetryPulse } from '../../main/contract/index.ts';
import { buildTelemetryWorker, bundleForNode } from '../support/telemetry-worker.ts';
import type { HostSettings } from './telemetry-host.ts';

type Message =
  | { kind: 'ready'; otlp: { http: string; grpc: string } }
  | { kind: 'pulse'; pulse: TelemetryPulse }
  | { kind: 'problems'; problems: ErrorView[] }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'error'; id: number; error: ErrorView };

/** Telemetry in a process of its own. */
export interface TelemetryHost {
  readonly otlp: { readonly http: string; readonly grpc: string };
  readonly pulse: TelemetryPulse | null;
  readonly problems: readonly ErrorView[];
  ask<T>(name: string, input: unknown): Promise<T>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export async function startHost(settings: Omit<HostSettings, 'workerFile'>): Promise<TelemetryHost> {
  const workerFile = await buildTelemetryWorker();
  const program = await bundleForNode('tests/telemetry/telemetry-host.ts', 'telemetry-host');
  const child = fork(program, [JSON.stringify({ ...settings, workerFile })], { execArgv: [] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const state = { pulse: null as TelemetryPulse | null, problems: [] as readonly ErrorView[] };
  let nextId = 1;
  const otlp = await new Promise<TelemetryHost['otlp']>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the host ended with code ${code}`)));
    child.on('message', (message: Message) => {
      if (message.kind === 'ready') resolve(message.otlp);
      else if (message.kind === 'pulse') state.pulse = message.pulse;
      else if (message.kind === 'problems') state.problems = message.problems;
      else if (message.kind === 'answer') pending.get(message.id)?.resolve(message.value);
      else pending.get(message.id)?.reject(new Error(`${message.error.code}: ${message.error.message}`));
    });
  });
  const ask = <T>(name: string, input: unknown): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const id = nextId++;
      pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      child.send({ id, name, input });
    });
  return {
    otlp,
    get pulse() {
      return state.pulse;
    },
    get problems() {
      return state.problems;
    },
    ask,
    kill: () => end(child, exited),
    async close() {
      await ask('close', null);
      await end(child, exited);
    },
  };
}

async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}
