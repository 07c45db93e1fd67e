import { z } from 'zod';

/** Containers that run without Flotilla having started them: a Compose project, or a single container. */
export const AttachCandidate = z.object({
  /** Compose's project name; null for a container that belongs to none. */
  project: z.string().nullable(),
  name: z.string(),
  /** The project's compose files, as whoever started it named them. */
  files: z.array(z.string()),
  services: z.array(
    z.object({ id: z.string(), image: z.string(), containers: z.number().int(), running: z.number().int() }),
  ),
  containerIds: z.array(z.string()),
});
export type AttachCandidate = z.infer<typeof AttachCandidate>;

/** What a fleet is that Flotilla only attached to, and what it has to do to be seen better. */
export const Attachment = z.object({
  /** Null: single containers. */
  project: z.string().nullable(),
  /** Variables that make an OpenTelemetry SDK send to this engine from inside the containers. Empty: it cannot reach us. */
  environment: z.array(z.object({ name: z.string(), value: z.string() })),
  /** Why there are none. */
  reason: z.string().nullable(),
});
export type Attachment = z.infer<typeof Attachment>;

/** What there is to attach to; `reason` says why nothing can be listed, where no container engine answers. */
export const AttachList = z.object({
  candidates: z.array(AttachCandidate),
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
});
export type AttachList = z.infer<typeof AttachList>;

/** A Compose project with all of its containers, or single containers by their names or ids. */
export const AttachTarget = z.union([
  z.object({ project: z.string().min(1).max(200) }),
  z.object({ containers: z.array(z.string().min(1).max(300)).min(1).max(200) }),
]);
export type AttachTarget = z.infer<typeof AttachTarget>;
