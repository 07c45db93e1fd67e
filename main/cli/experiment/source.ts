import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Client } from '../../client/index.ts';
import { type ApiInput, type ExperimentCheck, type ExperimentProblem, FlotillaError } from '../../contract/index.ts';
import { note, paint } from '../output.ts';

export interface Source {
  /** As it is given to `experiment.start`. */
  readonly source: ApiInput<'experiment.start'>['source'];
  readonly text: string;
  /** How problems name it: the path as it was written. */
  readonly shown: string;
}

/**
 * An experiment by the path of a file, or by its name among those of the fleet, with or without the ending.
 * @throws FlotillaError NOT_FOUND
 */
export async function findSource(client: Client, given: string): Promise<Source> {
  const file = resolve(given);
  if (existsSync(file) && statSync(file).isFile()) {
    const text = await readFile(file, 'utf8');
    return { source: { text, file }, text, shown: given };
  }
  const known = await client.call('experiment.list', undefined).catch(() => []);
  const found = known.find((one) => one.name === given || one.name.replace(/\.(ya?ml|json)$/, '') === given);
  if (found === undefined) throw new FlotillaError('NOT_FOUND', { what: 'file or experiment', name: given });
  const { text } = await client.call('experiment.read', { name: found.name });
  return { source: { name: found.name }, text, shown: found.file };
}

/** What is wrong with it, on stderr with file, line and column; says whether it can be run. */
export async function checkSource(client: Client, { text, shown }: Source): Promise<ExperimentCheck> {
  const check = await client.call('experiment.check', { text });
  for (const problem of check.problems) note(problemText(shown, problem));
  return check;
}

export function problemText(
  file: string,
  { line, column, detail, expected, severity, path }: ExperimentProblem,
): string {
  const place = `${file}:${line}:${column}`;
  if (severity === 'warning') return `${paint('yellow', place, process.stderr)}: warning: ${detail}.`;
  const where = path === '' ? '' : ` (${path})`;
  const wanted = expected === null ? '' : ` Expected ${expected}.`;
  return `${paint('red', place, process.stderr)}: ${detail}${where}.${wanted}`;
}

/** Of the environment of this command, what the experiment may ask for: every variable whose name stands in it. */
export function environmentFor(text: string): Record<string, string> {
  const names = new Set(text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && names.has(name) ? [[name, value] as const] : [],
    ),
  );
}
