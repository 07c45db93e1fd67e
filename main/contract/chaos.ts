import { z } from 'zod';
import { RuntimeKind } from './fleet.ts';
import { IsoTime } from './time.ts';

/** What a fault is put on: every call of one service to another (on one port, where there are several), or a service. */
export const FaultTarget = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('edge'),
    from: z.string(),
    to: z.string(),
    /** The callee's port as the fleet file has it; absent: all of them. */
    port: z.number().int().optional(),
  }),
  z.object({
    kind: z.literal('service'),
    service: z.string(),
    /** One copy of it, from 1; absent: all of them. */
    instance: z.number().int().min(1).optional(),
  }),
]);
export type FaultTarget = z.infer<typeof FaultTarget>;

export const FaultParameters = z.record(z.string(), z.union([z.number(), z.string()]));
export type FaultParameters = z.infer<typeof FaultParameters>;

/** One knob of a fault. Its name carries its unit: `latencyMs`. */
export const FaultParameterSpec = z.object({
  name: z.string(),
  title: z.string(),
  type: z.enum(['number', 'integer', 'text', 'choice']),
  unit: z.string().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  choices: z.array(z.string()),
  /** Null: it has to be given. */
  default: z.union([z.number(), z.string()]).nullable(),
  description: z.string(),
});
export type FaultParameterSpec = z.infer<typeof FaultParameterSpec>;

/** What a fault can be put on: `postgres` and the like are services of that kind alone. */
export const FaultScope = z.enum(['edge', 'service', 'postgres', 'kafka', 'redis']);
export type FaultScope = z.infer<typeof FaultScope>;

export const FaultKind = z.object({
  kind: z.string(),
  title: z.string(),
  description: z.string(),
  scope: FaultScope,
  parameters: z.array(FaultParameterSpec),
  /** For each runtime null where it can be done, else the reason why not. */
  runtimes: z.record(RuntimeKind, z.string().nullable()),
  /** What a fleet that copes shows, and what one that does not. */
  expect: z.string(),
  /** It happens once and is over; a time to live means nothing to it. */
  isMoment: z.boolean(),
});
export type FaultKind = z.infer<typeof FaultKind>;

export const FaultView = z.object({
  id: z.string(),
  kind: z.string(),
  target: FaultTarget,
  parameters: FaultParameters,
  since: IsoTime,
  /** Null: until somebody ends it. */
  until: IsoTime.nullable(),
  /** `failed`: it could not be put on or taken off; `problem` says why, and it is tried again. */
  state: z.enum(['applying', 'active', 'reverting', 'failed']),
  problem: z.string().nullable(),
  /** The title of the experiment that put it on. */
  experiment: z.string().nullable(),
});
export type FaultView = z.infer<typeof FaultView>;

export const FaultRequest = z.object({
  kind: z.string(),
  target: FaultTarget,
  parameters: FaultParameters.default({}),
  /** Seconds until it ends by itself; null only on purpose. */
  forSeconds: z.number().positive().max(86_400).nullable().default(60),
  experiment: z.string().max(200).nullable().default(null),
});

/** What a fault would touch, told before it is put on. */
export const FaultPreview = z.object({
  /** Whose calls it is in the way of. */
  edges: z.array(z.object({ from: z.string(), to: z.string(), requestsPerSecond: z.number().nullable() })),
  /** Services that it acts on themselves. */
  services: z.array(z.string()),
  /** Share of those requests, 0 to 1. */
  share: z.number(),
  /** All of it in a sentence. */
  summary: z.string(),
});
export type FaultPreview = z.infer<typeof FaultPreview>;
