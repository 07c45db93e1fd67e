import { toErrorView } from '../../main/contract/index.ts';
import { startTelemetry } from '../../main/engine/telemetry/index.ts';

/** What a host is started with, as JSON in its first argument. */
export interface HostSettings {
  readonly home: string;
  readonly runId: string;
  readonly workerFile: string;
  readonly limits?: { memoryBytes?: number; diskBytes?: number };
}

/** A request to the host: a procedure's name and input. */
export interface HostRequest {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as HostSettings;
const send = (message: unknown): void => {
  process.send?.(message);
};

/** Telemetry in a process of its own, so that a test can kill it: told and asked over the process's channel. */
const telemetry = await startTelemetry({
  ...settings,
  ports: { http: 0, grpc: 0 },
  onPulse: (pulse) => send({ kind: 'pulse', pulse }),
  onProblems: (problems) => send({ kind: 'problems', problems }),
});
const handlers = telemetry.handlers as unknown as Record<
  string,
  (input: unknown, signal: AbortSignal) => Promise<unknown>
>;

process.on('message', (request: HostRequest) => {
  const work =
    request.name === 'close'
      ? telemetry.close()
      : Promise.resolve(handlers[request.name]?.(request.input, new AbortController().signal));
  work.then(
    (value) => send({ kind: 'answer', id: request.id, value }),
    (error: unknown) => send({ kind: 'error', id: request.id, error: toErrorView(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
send({ kind: 'ready', otlp: telemetry.otlp });
