import type { ServiceId } from '../../../contract/index.ts';
import type { Dependency, ServiceSpec } from '../model.ts';
import type { ServiceStatus } from './service-status.ts';

/** A dependency that holds a service back. */
export interface Blocker {
  readonly service: ServiceId;
  /** `is starting`, `was stopped`: the rest of a sentence that starts with its name. */
  readonly why: string;
  /** Nothing that goes on by itself will change it: somebody has to do something. */
  readonly stuck: boolean;
  /** It runs, and has to go on rather than be started. */
  readonly isPaused?: boolean;
  /** The fault that keeps it paused. */
  readonly pausedBy?: string | null;
}

export type StatusOf = (service: ServiceId) => ServiceStatus | undefined;

/** What a service that is to be started still waits for; empty when it may start. */
export function blockersOf(spec: ServiceSpec, statusOf: StatusOf): Blocker[] {
  return spec.dependsOn.flatMap((dependency) => {
    const status = statusOf(dependency.service);
    // A service that the chosen profiles leave out is not waited for; the reader has refused what is required and missing.
    if (status === undefined || isMet(dependency, status)) return [];
    const blocker = describe(dependency, status);
    return blocker.stuck && !dependency.required ? [] : [blocker];
  });
}

function isMet({ condition }: Dependency, status: ServiceStatus): boolean {
  switch (condition) {
    case 'service_started':
      return status.started || status.completed;
    case 'service_healthy':
      return status.health === 'healthy' || (status.health === 'none' && status.started);
    case 'service_completed_successfully':
      return status.completed;
  }
}

function describe({ service, condition }: Dependency, status: ServiceStatus): Blocker {
  const blocker = (why: string, stuck: boolean): Blocker => ({ service, why, stuck });
  switch (status.state) {
    case 'stopped':
      return blocker('is stopped', true);
    case 'failed':
      return blocker('failed', true);
    case 'exited':
      return blocker('has ended', true);
    case 'paused':
      return { ...blocker('is paused', true), isPaused: true, pausedBy: status.pausedBy };
    case 'stopping':
      return blocker('is being stopped', false);
    case 'backoff':
      return blocker('ended and is started again', false);
    case 'waiting':
      return blocker('is itself waiting', false);
    case 'starting':
      return blocker('is starting', false);
    case 'running':
      if (condition === 'service_completed_successfully') return blocker('has not ended yet', false);
      return status.health === 'unhealthy' ? blocker('is not healthy', false) : blocker('is starting', false);
  }
}

/** Whether any of these blockers, or what they wait for in turn, is stuck. */
export function isStuck(
  blockers: readonly Blocker[],
  blockersOfService: (service: ServiceId) => readonly Blocker[],
  seen: ReadonlySet<ServiceId> = new Set(),
): boolean {
  return blockers.some((blocker) => {
    if (blocker.stuck) return true;
    if (seen.has(blocker.service)) return false;
    return isStuck(blockersOfService(blocker.service), blockersOfService, new Set([...seen, blocker.service]));
  });
}

/** The services that depend on each service, whatever the condition: what is to be stopped before it. */
export function dependentsOf(services: readonly ServiceSpec[]): ReadonlyMap<ServiceId, readonly ServiceId[]> {
  const dependents = new Map<ServiceId, ServiceId[]>(services.map((one) => [one.id, []]));
  for (const spec of services) {
    for (const { service } of spec.dependsOn) dependents.get(service)?.push(spec.id);
  }
  return dependents;
}
