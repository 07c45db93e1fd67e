import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ExperimentResult, ExperimentRunSummary, FlotillaError } from '../../../contract/index.ts';

const MOST_RUNS = 200;
/** One run in a file. Longer than this only by outputs of activities, which are then left out. */
const MOST_BYTES = 16_000_000;
const ID = /^[0-9a-z-]{1,60}$/;

const INDEX = 'runs.json';
const Index = z.array(ExperimentRunSummary);

/**
 * Runs that are kept in `<home>/experiments`: the newest 200, a file each, named so that names sort by time, and beside them
 * what lists need of all.
 */
export class RunStore {
  readonly #folder: string;
  #summaries: Map<string, ExperimentRunSummary> | null = null;

  constructor(home: string) {
    this.#folder = join(home, 'experiments');
  }

  /** Newest first. */
  list(): ExperimentRunSummary[] {
    return [...this.#known().values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  /** @throws FlotillaError NOT_FOUND */
  read(id: string): ExperimentResult {
    const found = ID.test(id) ? this.#read(id) : null;
    if (found === null) throw new FlotillaError('NOT_FOUND', { what: 'run of an experiment', name: id });
    return found;
  }

  /** Whole or not at all. @throws an error of the file system */
  write(result: ExperimentResult): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#path(result.run.id);
    let text = JSON.stringify(result);
    if (text.length > MOST_BYTES) text = JSON.stringify({ ...result, journal: withoutOutputs(result.journal) });
    replace(file, text);
    this.#known().set(result.run.id, summaryOf(result.run));
    for (const { id } of this.list().slice(MOST_RUNS)) this.#remove(id);
    this.#writeIndex();
  }

  /** @throws FlotillaError NOT_FOUND */
  forget(id: string): void {
    if (!this.#known().has(id)) throw new FlotillaError('NOT_FOUND', { what: 'run of an experiment', name: id });
    this.#remove(id);
    this.#writeIndex();
  }

  #writeIndex(): void {
    replace(join(this.#folder, INDEX), JSON.stringify(this.list()));
  }

  #remove(id: string): void {
    rmSync(this.#path(id), { force: true });
    this.#known().delete(id);
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  #read(id: string): ExperimentResult | null {
    try {
      return ExperimentResult.parse(JSON.parse(readFileSync(this.#path(id), 'utf8')));
    } catch {
      return null;
    }
  }

  #known(): Map<string, ExperimentRunSummary> {
    this.#summaries ??= new Map(this.#index().map((one) => [one.id, one]));
    return this.#summaries;
  }

  #index(): ExperimentRunSummary[] {
    try {
      return Index.parse(JSON.parse(readFileSync(join(this.#folder, INDEX), 'utf8')));
    } catch {
      // None was written yet, or it was damaged: what it says is in the runs, too.
      return filesIn(this.#folder).flatMap((name) => {
        const id = name.slice(0, -'.json'.length);
        const result = ID.test(id) && name !== INDEX ? this.#read(id) : null;
        return result === null ? [] : [summaryOf(result.run)];
      });
    }
  }
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.next`, text, { mode: 0o600 });
  renameSync(`${file}.next`, file);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .slice(-MOST_RUNS);
  } catch {
    return [];
  }
}

function summaryOf({ stage: _s, paused: _p, steps: _t, ...summary }: ExperimentResult['run']): ExperimentRunSummary {
  return summary;
}

function withoutOutputs(value: unknown): Record<string, unknown> {
  const strip = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(strip);
    if (typeof one !== 'object' || one === null) return one;
    const entries = Object.entries(one).map(([key, inner]) => {
      if (key === 'output' && 'activity' in one) return [key, 'left out: the journal is too long'];
      return [key, key === 'experiment' || key === 'activity' ? inner : strip(inner)];
    });
    return Object.fromEntries(entries);
  };
  return strip(value) as Record<string, unknown>;
}
