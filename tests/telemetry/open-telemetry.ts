import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErrorView, TelemetryPulse } from '../../main/contract/index.ts';
import { startTelemetry, type Telemetry, type TelemetryOptions } from '../../main/engine/telemetry/index.ts';
import { buildTelemetryWorker } from '../support/telemetry-worker.ts';

/** Telemetry in a home of its own, for tests. */
export interface OpenTelemetry extends Telemetry {
  readonly home: string;
  readonly pulse: TelemetryPulse | null;
  readonly problems: readonly ErrorView[];
  /** Stops it and removes the home. */
  dispose(): Promise<void>;
}

export async function openTelemetry(options: Partial<TelemetryOptions> = {}): Promise<OpenTelemetry> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'flotilla-telemetry-')));
  const state = { pulse: null as TelemetryPulse | null, problems: [] as readonly ErrorView[] };
  const telemetry = await startTelemetry({
    runId: 'run',
    ports: { http: 0, grpc: 0 },
    workerFile: await buildTelemetryWorker(),
    onPulse: (pulse) => {
      state.pulse = pulse;
    },
    onProblems: (problems) => {
      state.problems = problems;
    },
    ...options,
    home,
  });
  return {
    ...telemetry,
    home,
    get pulse() {
      return state.pulse;
    },
    get problems() {
      return state.problems;
    },
    async dispose() {
      await telemetry.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A signal that never aborts. */
export const never = new AbortController().signal;
