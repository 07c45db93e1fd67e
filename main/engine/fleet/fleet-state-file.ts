import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AttachTarget, RuntimeKind } from '../../contract/index.ts';
import type { FleetModel } from './model.ts';

/** What an engine leaves for the next one to carry on with: the fleet as it was read, and what people did to it. */
const FleetState = z.object({
  version: z.literal(1),
  runId: z.string().regex(/^[a-zA-Z0-9_-]{1,120}$/),
  runtime: RuntimeKind,
  runtimeReason: z.string(),
  startedAtMs: z.number(),
  /** Set once `down` has begun: the next engine finishes it. */
  stopping: z.object({ keepData: z.boolean() }).nullable(),
  otlp: z.object({ http: z.string(), grpc: z.string() }),
  /** As the engine itself wrote it; its version is checked above. */
  model: z.custom<FleetModel>((value) => typeof value === 'object' && value !== null && 'services' in value),
  /** Its calls pass links, where its file does not say otherwise. */
  links: z.boolean().default(false),
  /** What it is attached to, where it runs without us. */
  attached: AttachTarget.nullable().default(null),
  instances: z.array(z.object({ id: z.string(), stoppedByUser: z.boolean(), restarts: z.number() })),
});
export type FleetState = z.infer<typeof FleetState>;

const path = (home: string): string => join(home, 'fleet.json');

/** The fleet that was left in this home; null when there is none, or it is not understood. */
export function readFleetState(home: string): FleetState | null {
  try {
    return FleetState.parse(JSON.parse(readFileSync(path(home), 'utf8')));
  } catch {
    return null;
  }
}

/** Whole or not at all, mode 0600: it holds the services' environments. */
export function writeFleetState(home: string, state: FleetState): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const next = `${path(home)}.next`;
  writeFileSync(next, JSON.stringify(state), { mode: 0o600 });
  renameSync(next, path(home));
}

export function removeFleetState(home: string): void {
  rmSync(path(home), { force: true });
}

/**
 * The receivers that a fleet which was left running sends its telemetry to; null when there is none. An engine that
 * listens there again hears its services without restarting them.
 */
export function savedOtlp(home: string): FleetState['otlp'] | null {
  return readFleetState(home)?.otlp ?? null;
}
