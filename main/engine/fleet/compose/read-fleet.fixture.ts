import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FlotillaError } from '../../../contract/index.ts';
import type { FleetModel } from '../model.ts';
import { type ReadFleetOptions, readFleet } from './read-fleet.ts';

export interface Given extends Partial<ReadFleetOptions> {
  /** What lies beside compose.yaml, by name. */
  readonly beside?: Readonly<Record<string, string>>;
}

/** Reads a compose.yaml with this text from a folder that is gone afterwards; on Docker unless told otherwise. */
export async function readText(text: string, { beside = {}, ...options }: Given = {}): Promise<FleetModel> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'flotilla-compose-'));
  try {
    for (const [name, content] of Object.entries({ 'compose.yaml': text, ...beside })) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    const files = options.files?.map((name) => path.join(folder, name));
    return await readFleet(folder, { environment: {}, profiles: [], runtime: 'docker', ...options, files });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `file:line:column what | expected` of the error that reading gives. */
export async function complaintOf(text: string, given: Given = {}): Promise<string> {
  const thrown = await readText(text, given).catch((error: unknown) => error);
  if (!(thrown instanceof FlotillaError)) throw thrown instanceof Error ? thrown : new Error('it was read');
  const { file, line, column, detail, expected } = thrown.details;
  return `${path.basename(String(file))}:${line}:${column} ${detail} | ${expected}`;
}

/** `file:line:column path message` of each warning. */
export async function warningsOf(text: string, given: Given = {}): Promise<string[]> {
  const { warnings } = await readText(text, given);
  return warnings.map((one) => `${path.basename(one.file)}:${one.line}:${one.column} ${one.path} ${one.message}`);
}
