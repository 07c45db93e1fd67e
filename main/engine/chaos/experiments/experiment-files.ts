import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { ExperimentName, type ExperimentSummary, FlotillaError } from '../../../contract/index.ts';
import { readExperiment } from './read-experiment.ts';

const MOST_FILES = 500;

/** The folder `experiments` beside the fleet's file. */
export class ExperimentFiles {
  readonly #folder: () => string | null;

  /** Null while there is no fleet with a file. */
  constructor(folder: () => string | null) {
    this.#folder = folder;
  }

  /** By name; no folder is an empty list. */
  async list(): Promise<ExperimentSummary[]> {
    const folder = this.#folder();
    if (folder === null) return [];
    const names = (await readdir(folder).catch(() => [])).filter((name) => ExperimentName.safeParse(name).success);
    const found = await Promise.all(
      names
        .sort()
        .slice(0, MOST_FILES)
        .map((name) => summaryOf(folder, name)),
    );
    return found.filter((one) => one !== null);
  }

  /** @throws FlotillaError NOT_FOUND */
  async read(name: string): Promise<{ text: string; file: string }> {
    const file = this.path(name);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EISDIR')
        throw new FlotillaError('NOT_FOUND', { what: 'experiment', name });
      throw error;
    });
    return { text, file };
  }

  /** Whole or not at all. @throws FlotillaError EXPERIMENT_EXISTS where it is to be new and is not */
  async save(name: string, text: string, isNew: boolean): Promise<void> {
    const file = this.path(name);
    await mkdir(join(file, '..'), { recursive: true });
    if (isNew) {
      const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') throw new FlotillaError('EXPERIMENT_EXISTS', { name });
        throw error;
      });
      await handle.close();
    }
    const next = `${file}.${randomUUID().slice(0, 8)}.tmp`;
    const handle = await open(next, 'w');
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    await rename(next, file);
  }

  /** @throws FlotillaError NOT_FOUND */
  async delete(name: string): Promise<void> {
    await rm(this.path(name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new FlotillaError('NOT_FOUND', { what: 'experiment', name });
      throw error;
    });
  }

  /** A name has no slash in it, so it stays in the folder. @throws FlotillaError FLEET_NOT_LOADED */
  path(name: string): string {
    const folder = this.#folder();
    if (folder === null) throw new FlotillaError('FLEET_NOT_LOADED');
    return join(folder, name);
  }
}

async function summaryOf(folder: string, name: string): Promise<ExperimentSummary | null> {
  const file = join(folder, name);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const { experiment, problems } = readExperiment(text);
  return {
    name,
    file,
    title: experiment?.title ?? name,
    description: experiment?.description ?? '',
    tags: [...(experiment?.tags ?? [])],
    problem: problems.find((one) => one.severity === 'error') ?? null,
  };
}

/** Where the experiments of a fleet lie; null for one that has no file of its own on this machine. */
export function experimentsFolder(fleetFile: string | undefined): string | null {
  return fleetFile !== undefined && isAbsolute(fleetFile) ? join(fleetFile, '..', 'experiments') : null;
}
