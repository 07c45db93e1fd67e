import { z } from 'zod';
import { RuntimeKind } from './fleet.ts';
import { ImageStanding } from './images.ts';

/** Something that fleets can run on, as it stands on this machine. */
export const RuntimeView = z.object({
  kind: RuntimeKind,
  available: z.boolean(),
  /** What was found, such as `Docker 28.2.2 at unix:///var/run/docker.sock`; null where it cannot be used. */
  detail: z.string().nullable(),
  version: z.string().nullable(),
  /** Why it cannot be used, and what to do about it; null where it can. */
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  /** The fleet would run on it when nothing else is chosen. */
  isDefault: z.boolean(),
  /** Why it is the default, and how to choose another; null where it is not. */
  defaultReason: z.string().nullable(),
  /** The fleet's images, where it runs images. */
  images: z.array(ImageStanding),
});
export type RuntimeView = z.infer<typeof RuntimeView>;
