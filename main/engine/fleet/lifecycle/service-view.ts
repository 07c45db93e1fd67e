import type {
  Endpoint,
  InstanceUsage,
  InstanceView,
  ServiceAction,
  ServiceId,
  ServiceView,
} from '../../../contract/index.ts';
import { type InstanceStats, instanceId } from '../../runtimes/index.ts';
import type { ServiceSpec } from '../model.ts';
import type { Explanation } from './explain.ts';
import type { Life } from './life.ts';
import { type ServiceStatus, serviceStatus } from './service-status.ts';
import { isUp } from './step.ts';

/** What an instance uses, as clients see it. */
export function usageOf(stats: InstanceStats): InstanceUsage {
  return {
    cpuPercent: stats.cpuPercent,
    memoryBytes: stats.memoryBytes,
    memoryLimitBytes: stats.memoryLimitBytes,
    networkInBytesPerSecond: stats.network?.inBytesPerSecond ?? null,
    networkOutBytesPerSecond: stats.network?.outBytesPerSecond ?? null,
    diskReadBytesPerSecond: stats.disk?.inBytesPerSecond ?? null,
    diskWriteBytesPerSecond: stats.disk?.outBytesPerSecond ?? null,
  };
}

const NOT_MEASURED: InstanceUsage = {
  cpuPercent: null,
  memoryBytes: null,
  memoryLimitBytes: null,
  networkInBytesPerSecond: null,
  networkOutBytesPerSecond: null,
  diskReadBytesPerSecond: null,
  diskWriteBytesPerSecond: null,
};
/** What changes with each measurement and says nothing about the service itself. */
export const USAGE_FIELDS: ReadonlySet<string> = new Set(Object.keys(NOT_MEASURED));

export interface ServiceViewInput {
  readonly spec: ServiceSpec;
  readonly lives: readonly Life[];
  /** By instance id. */
  readonly usage: ReadonlyMap<string, InstanceUsage>;
  readonly endpoints: readonly Endpoint[];
  readonly waitsFor: readonly ServiceId[];
  readonly explanation: Explanation;
  readonly canPause: boolean;
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A service as clients see it. */
export function serviceView(input: ServiceViewInput): ServiceView {
  const { spec, lives, explanation } = input;
  const status = serviceStatus(lives);
  const instances = lives.map((life) => instanceView(life, input.usage));
  return {
    id: spec.id,
    kind: spec.kind,
    description: spec.description,
    image: spec.image,
    state: status.state,
    health: status.health,
    ...explanation,
    waitsFor: [...input.waitsFor],
    dependsOn: spec.dependsOn.map((one) => one.service),
    restarts: lives.reduce((total, life) => total + life.restarts, 0),
    failures: Math.max(0, ...lives.map((life) => life.exits)),
    exitCode: status.exitCode,
    startedAt: iso(earliest(lives.map((life) => life.startedAtMs))),
    nextStartAt: iso(earliest(lives.map((life) => life.nextStartAtMs))),
    cpuPercent: sum(instances.map((one) => one.cpuPercent)),
    memoryBytes: sum(instances.map((one) => one.memoryBytes)),
    endpoints: [...input.endpoints],
    instances,
    actions: actionsFor(status, input.canPause),
  };
}

function instanceView(life: Life, usage: ReadonlyMap<string, InstanceUsage>): InstanceView {
  const id = instanceId(life.ref);
  const used = isUp(life) ? usage.get(id) : undefined;
  return {
    id,
    state: life.state,
    health: life.health,
    pid: life.pid,
    containerId: life.containerId,
    startedAt: iso(life.startedAtMs),
    ...(used ?? NOT_MEASURED),
  };
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

/** What makes sense in the state that a service is in. */
export function actionsFor(
  { state, pausedBy }: Pick<ServiceStatus, 'state' | 'pausedBy'>,
  canPause: boolean,
): ServiceAction[] {
  switch (state) {
    case 'stopped':
    case 'exited':
    case 'failed':
      return ['start'];
    case 'waiting':
      return ['stop'];
    case 'backoff':
      return ['start', 'stop'];
    case 'stopping':
      return ['kill'];
    case 'starting':
    case 'running':
      return canPause ? ['stop', 'restart', 'kill', 'pause'] : ['stop', 'restart', 'kill'];
    case 'paused':
      return pausedBy === null ? ['resume', 'stop', 'restart', 'kill'] : ['stop', 'restart', 'kill'];
  }
}
