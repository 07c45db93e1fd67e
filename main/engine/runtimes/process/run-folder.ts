import { mkdirSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where the files of a run lie. */
export class RunFolder {
  readonly path: string;
  readonly stateFile: string;
  readonly #dataRoot: string;

  constructor(home: string, runId: string, fleet: string) {
    this.path = join(home, 'runs', runId);
    this.stateFile = join(this.path, 'processes.json');
    // Not under the run: data that is kept serves the next run of the same fleet.
    this.#dataRoot = join(home, 'data', fleet);
    mkdirSync(join(this.path, 'logs'), { recursive: true, mode: 0o700 });
  }

  logFile(instance: string, stream: 'stdout' | 'stderr'): string {
    return join(this.path, 'logs', `${instance}.${stream}.log`);
  }

  dataDir(instance: string): string {
    return join(this.#dataRoot, instance);
  }

  /** A database server may run as a user of its own, who has to be let through to its folder. */
  makeDataDir(instance: string): string {
    const path = this.dataDir(instance);
    mkdirSync(path, { recursive: true, mode: 0o711 });
    return path;
  }

  async remove(keepData: boolean): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
    await removeIfEmpty(dirname(this.path));
    if (keepData) return;
    await rm(this.#dataRoot, { recursive: true, force: true, maxRetries: 5 });
    await removeIfEmpty(dirname(this.#dataRoot));
  }
}

async function removeIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch(() => undefined);
}
