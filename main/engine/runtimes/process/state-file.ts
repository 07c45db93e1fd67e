import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ServiceId } from '../../../contract/index.ts';

/** What a run of the process runtime keeps on disk, so that another engine can take it over. */
export const RunState = z.object({
  version: z.literal(1),
  runId: z.string(),
  ports: z.record(
    z.string(),
    z.object({ port: z.number().int().min(1).max(65_535), asked: z.boolean(), given: z.boolean() }),
  ),
  instances: z.array(
    z.object({
      service: ServiceId,
      index: z.number().int().min(1),
      pid: z.number().int().min(2),
      /** Boot and start time: a pid alone may mean a stranger by now. */
      identity: z.string().min(1),
      startedAtMs: z.number(),
      /** How far ahead its clock was set when it was started. */
      clockSeconds: z.number().default(0),
    }),
  ),
});
export type RunState = z.infer<typeof RunState>;

/** The state as it was last written; null when there is none or it is not understood. */
export function readRunState(path: string): RunState | null {
  try {
    return RunState.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/**
 * Writes a JSON file, mode 0600, whole or not at all. At once and not later: whoever starts a process must have written
 * down that it did.
 */
export function writeJsonFile(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.next`;
  writeFileSync(next, JSON.stringify(value), { mode: 0o600 });
  renameSync(next, path);
}
