import type { FleetLinks, RunningFleet, ServiceSpec } from '../fleet/index.ts';
import { copyNumbers } from '../fleet/index.ts';
import type { FaultGround } from './faults/check-request.ts';

const STORES = ['postgres', 'kafka', 'redis'] as const;

/** What the fleet has that faults can be put on; null while there is none, or it is being stopped. */
export function groundOf(fleet: {
  running(): RunningFleet | null;
  links(): FleetLinks | null;
}): (FaultGround & { readonly runId: string }) | null {
  const running = fleet.running();
  if (running === null || running.isEnding) return null;
  const { runId, runtime, model } = running;
  return {
    runId,
    runtime,
    edges: fleet.links()?.edges ?? [],
    services: model.services.map((spec) => ({ id: spec.id, copies: copyNumbers(spec), store: storeOf(spec) })),
  };
}

/** Told by what its ports speak, which the reader knows of the images of these and of what the file says. */
export function storeOf({ ports }: Pick<ServiceSpec, 'ports'>): (typeof STORES)[number] | null {
  return STORES.find((store) => ports.some((port) => port.protocol === store)) ?? null;
}
