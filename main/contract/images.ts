import { z } from 'zod';
import { ErrorView } from './errors.ts';
import { ServiceId } from './ids.ts';
import { IsoTime } from './time.ts';

/** One layer of an image that is pulled. */
export const ImageLayer = z.object({
  id: z.string(),
  state: z.enum(['waiting', 'downloading', 'extracting', 'done']),
  /** Of what it does now; null until the engine tells it. */
  currentBytes: z.number().nullable(),
  totalBytes: z.number().nullable(),
});
export type ImageLayer = z.infer<typeof ImageLayer>;

/** An image that was not there when the fleet was started: how its pull or its build goes. */
export const ImageProgress = z.object({
  image: z.string(),
  /** Those that wait for it. */
  services: z.array(ServiceId),
  action: z.enum(['pull', 'build']),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  /** Where a build is: step 4 of 9, `RUN npm ci`. */
  step: z.object({ number: z.number().int(), total: z.number().int(), text: z.string() }).nullable(),
  /** Of what is pulled: the image, or the base image of a build. At most 200. */
  layers: z.array(ImageLayer),
  /** The last lines that the container engine wrote, at most 40. */
  output: z.array(z.string()),
  error: ErrorView.nullable(),
  startedAt: IsoTime.nullable(),
  endedAt: IsoTime.nullable(),
});
export type ImageProgress = z.infer<typeof ImageProgress>;

/** An image of a fleet, and whether starting would have to wait for it. */
export const ImageStanding = z.object({
  image: z.string(),
  action: z.enum(['pull', 'build']),
  present: z.boolean(),
  /** What would be pulled for it: itself, or what its build starts from and is not there. */
  missing: z.array(z.string()),
});
export type ImageStanding = z.infer<typeof ImageStanding>;

/** How much of a pull is done, in percent; null as long as no layer has told its size. Unpacking counts as much as loading. */
export function pullPercent(layers: readonly ImageLayer[]): number | null {
  const sized = layers.filter((one) => one.totalBytes !== null && one.totalBytes > 0);
  if (sized.length === 0) return null;
  const parts = layers.map((one) => {
    if (one.state === 'done') return 1;
    const share = one.totalBytes ? Math.min(1, (one.currentBytes ?? 0) / one.totalBytes) : 0;
    return one.state === 'extracting' ? 0.5 + share / 2 : share / 2;
  });
  // By size; layers that have not told theirs weigh as much as the average.
  const average = sized.reduce((total, one) => total + (one.totalBytes ?? 0), 0) / sized.length;
  const weights = layers.map((one) => one.totalBytes || average);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const done = parts.reduce((sum, part, n) => sum + part * (weights[n] ?? 0), 0);
  return Math.floor((100 * done) / total);
}
