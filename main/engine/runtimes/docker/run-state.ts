import { mkdirSync, readFileSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ServiceId } from '../../../contract/index.ts';
import { writeJsonFile } from '../process/state-file.ts';

/** What a run of containers keeps on disk. What the engine knows itself is asked of it: this is for when it is away. */
export const DockerRunState = z.object({
  version: z.literal(1),
  runId: z.string(),
  /** Where the engine is: `unix:///var/run/docker.sock`. */
  address: z.string(),
  ports: z.record(
    z.string(),
    z.object({ port: z.number().int().min(1).max(65_535), asked: z.boolean(), given: z.boolean() }),
  ),
  /** The gateways of networks at which telemetry is received, by the network's name. */
  gateways: z.record(z.string(), z.string()),
  instances: z.array(
    z.object({
      service: ServiceId,
      index: z.number().int().min(1),
      containerId: z.string(),
      startedAtMs: z.number(),
      paused: z.boolean(),
    }),
  ),
});
export type DockerRunState = z.infer<typeof DockerRunState>;

/** Where the files of a run lie. */
export class DockerRunFolder {
  readonly path: string;
  readonly #stateFile: string;

  constructor(home: string, runId: string) {
    this.path = join(home, 'runs', runId);
    this.#stateFile = join(this.path, 'containers.json');
    mkdirSync(join(this.path, 'logs'), { recursive: true, mode: 0o700 });
  }

  positionFile(instance: string): string {
    return join(this.path, 'logs', `${instance}.position`);
  }

  /** Null when there is none or it is not understood. */
  readState(): DockerRunState | null {
    try {
      return DockerRunState.parse(JSON.parse(readFileSync(this.#stateFile, 'utf8')));
    } catch {
      return null;
    }
  }

  writeState(state: DockerRunState): void {
    writeJsonFile(this.#stateFile, state);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
    await rmdir(dirname(this.path)).catch(() => undefined);
  }
}
