import { createHash } from 'node:crypto';
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
  /** The links between its services; their ports are with the others. */
  links: z
    .array(
      z.object({
        from: ServiceId,
        to: ServiceId,
        containerPort: z.number().int(),
        protocol: z.string(),
        network: z.string().nullable(),
        listenHost: z.string(),
        callerHost: z.string(),
        listener: z.object({ name: z.string(), containerPort: z.number().int() }).nullable(),
      }),
    )
    .default([]),
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

/** In bytes, as file systems count them. */
const LONGEST_NAME = 200;

/** Where the files of a run lie. */
export class DockerRunFolder {
  readonly path: string;
  readonly #stateFile: string;

  constructor(home: string, runId: string) {
    this.path = join(home, 'runs', runId);
    this.#stateFile = join(this.path, 'containers.json');
    mkdirSync(join(this.path, 'logs'), { recursive: true, mode: 0o700 });
  }

  /** The names of what somebody else started are their labels, which may hold anything. */
  positionFile(instance: string): string {
    const isPlain = !/[/\\\0]/.test(instance) && Buffer.byteLength(instance) <= LONGEST_NAME;
    const name = isPlain ? instance : createHash('sha256').update(instance).digest('hex');
    return join(this.path, 'logs', `${name}.position`);
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
