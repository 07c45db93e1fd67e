import { z } from 'zod';
import { Attachment } from './attach.ts';
import { ServiceId } from './ids.ts';
import { ImageProgress } from './images.ts';
import { IsoTime } from './time.ts';

export const RuntimeKind = z.enum(['process', 'docker', 'kubernetes']);
export type RuntimeKind = z.infer<typeof RuntimeKind>;

export const FleetPhase = z.enum(['stopped', 'starting', 'healthy', 'degraded', 'stopping']);
export type FleetPhase = z.infer<typeof FleetPhase>;

/** What a service is, which decides its shape in the topology. */
export const ServiceKind = z.enum(['service', 'database', 'broker', 'cache', 'queue', 'job', 'external']);
export type ServiceKind = z.infer<typeof ServiceKind>;

/**
 * Where a service is in its life. `waiting`: for a dependency (see `waitsFor`). `backoff`: it exited and is started again
 * at `nextStartAt`. `exited`: it ended with code 0 as a job does. `failed`: it ended otherwise and is not started again.
 */
export const ServiceState = z.enum([
  'stopped',
  'waiting',
  'starting',
  'running',
  'paused',
  'stopping',
  'backoff',
  'exited',
  'failed',
]);
export type ServiceState = z.infer<typeof ServiceState>;

/** `none`: running and nothing says how to tell its health. */
export const Health = z.enum(['unknown', 'starting', 'healthy', 'unhealthy', 'none']);
export type Health = z.infer<typeof Health>;

export const Endpoint = z.object({
  name: z.string(),
  /** As a person or a program on this machine reaches it: `http://127.0.0.1:20412`, `postgres://127.0.0.1:20417`. */
  url: z.string(),
  protocol: z.string(),
  containerPort: z.number().int(),
});
export type Endpoint = z.infer<typeof Endpoint>;

/** What an instance uses; null until it was measured, and where a runtime cannot tell it. */
export const InstanceUsage = z.object({
  /** Of one core: 100 is one core fully used. */
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** Null: without limit. */
  memoryLimitBytes: z.number().nullable(),
  networkInBytesPerSecond: z.number().nullable(),
  networkOutBytesPerSecond: z.number().nullable(),
  diskReadBytesPerSecond: z.number().nullable(),
  diskWriteBytesPerSecond: z.number().nullable(),
});
export type InstanceUsage = z.infer<typeof InstanceUsage>;

/** One running copy of a service. */
export const InstanceView = z.object({
  /** `orders-1`: Compose's own numbering. */
  id: z.string(),
  state: ServiceState,
  health: Health,
  pid: z.number().int().nullable(),
  containerId: z.string().nullable(),
  startedAt: IsoTime.nullable(),
  ...InstanceUsage.shape,
});
export type InstanceView = z.infer<typeof InstanceView>;

export const ServiceAction = z.enum(['start', 'stop', 'restart', 'kill', 'pause', 'resume']);
export type ServiceAction = z.infer<typeof ServiceAction>;

export const ServiceView = z.object({
  id: ServiceId,
  kind: ServiceKind,
  /** One line on what it is, from `x-flotilla.description`. */
  description: z.string(),
  image: z.string().nullable(),
  state: ServiceState,
  health: Health,
  /** Why it is not healthy, in one sentence built from facts; null when there is nothing to say. */
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  waitsFor: z.array(ServiceId),
  dependsOn: z.array(ServiceId),
  restarts: z.number().int(),
  /**
   * How often it ended in a row without having been well for a minute in between: a crash loop, where that is many. What a person or
   * a fault ended or restarted does not count, and not what was before the engine took it over.
   */
  failures: z.number().int(),
  exitCode: z.number().int().nullable(),
  startedAt: IsoTime.nullable(),
  nextStartAt: IsoTime.nullable(),
  /** Of one core: 100 is one core fully used. Null until it was measured. */
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  endpoints: z.array(Endpoint),
  instances: z.array(InstanceView),
  /** What can be done to it now on this runtime. */
  actions: z.array(ServiceAction),
});
export type ServiceView = z.infer<typeof ServiceView>;

/** Whether a service counts as up: healthy, or running with nothing that tells its health, or a job that has ended well. */
export function isServiceUp({ state, health }: Pick<ServiceView, 'state' | 'health'>): boolean {
  return state === 'exited' || (state === 'running' && (health === 'healthy' || health === 'none'));
}

export const Capability = z.object({
  name: z.enum(['pause', 'terminal', 'stats', 'limits', 'disconnect', 'files', 'inspect', 'scale']),
  available: z.boolean(),
  /** Why not, when it is not. */
  reason: z.string().nullable(),
});
export type Capability = z.infer<typeof Capability>;

/** Something of the fleet file that is not done as written: named with its place, never silently dropped. */
export const FleetWarning = z.object({
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
  /** `services.orders.cap_add` */
  path: z.string(),
  message: z.string(),
});
export type FleetWarning = z.infer<typeof FleetWarning>;

/** The knob of the fleet's load generator, from `x-flotilla.dial`. */
export const TrafficDial = z.object({
  service: ServiceId,
  unit: z.string(),
  min: z.number(),
  max: z.number(),
  /** Null until the service answers. */
  value: z.number().nullable(),
});
export type TrafficDial = z.infer<typeof TrafficDial>;

export const FleetView = z.object({
  name: z.string(),
  file: z.string(),
  runtime: RuntimeKind,
  state: FleetPhase,
  /** Why that runtime was chosen and how to choose another. */
  runtimeReason: z.string(),
  capabilities: z.array(Capability),
  startedAt: IsoTime.nullable(),
  services: z.array(ServiceView),
  /** Images that were not there when it was started, by when they were asked for. */
  images: z.array(ImageProgress).default([]),
  warnings: z.array(FleetWarning),
  dial: TrafficDial.nullable(),
  /** Set where it runs without Flotilla, which only attached to it: down lets go of it and stops nothing. */
  attached: Attachment.nullable().default(null),
});
export type FleetView = z.infer<typeof FleetView>;

/** A moment worth a mark on the timeline. */
export const TimelineMark = z.object({
  id: z.string(),
  kind: z.enum(['start', 'restart', 'exit', 'stop', 'unhealthy', 'healthy', 'action', 'fault', 'experiment']),
  atMs: z.number(),
  /** For what lasts (a fault); null for a moment. */
  untilMs: z.number().nullable(),
  service: ServiceId.nullable(),
  /** Which copy of the service (`orders-1`), where it is about one. */
  instance: z.string().optional(),
  /** What was asked for, of a mark of kind `action`. */
  action: ServiceAction.optional(),
  text: z.string(),
});
export type TimelineMark = z.infer<typeof TimelineMark>;

/** One environment variable of a service as the runtime gives it. Secrets come masked unless they were asked for. */
export const EnvironmentEntry = z.object({
  name: z.string(),
  value: z.string(),
  masked: z.boolean(),
  /** `compose`, `env_file`, `flotilla` (added by the runtime) or `rewritten` (an address of another service). */
  source: z.enum(['compose', 'env_file', 'flotilla', 'rewritten']),
});
export type EnvironmentEntry = z.infer<typeof EnvironmentEntry>;

/** A file or folder in a container. */
export const ContainerEntry = z.object({
  name: z.string(),
  kind: z.enum(['file', 'folder', 'link', 'other']),
  sizeBytes: z.number(),
  /** Permissions: 0o644. */
  mode: z.number().int(),
  modifiedAt: IsoTime.nullable(),
  /** Where a link leads to. */
  target: z.string().nullable(),
});
export type ContainerEntry = z.infer<typeof ContainerEntry>;

export const ContainerFolder = z.object({
  /** Absolute, in the container. */
  path: z.string(),
  /** Folders first, then by name. */
  entries: z.array(ContainerEntry),
  /** Not all of it was read, as it is too large. */
  cut: z.boolean(),
});
export type ContainerFolder = z.infer<typeof ContainerFolder>;

export const ContainerFile = z.object({
  path: z.string(),
  sizeBytes: z.number(),
  /** Of what is not text in UTF-8: base64. */
  encoding: z.enum(['utf8', 'base64']),
  content: z.string(),
  /** There is more of it than `content`. */
  cut: z.boolean(),
});
export type ContainerFile = z.infer<typeof ContainerFile>;
