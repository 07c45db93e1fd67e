import { statSync } from 'node:fs';
import { FlotillaError } from '../../../contract/index.ts';
import type { ServiceSpec } from '../../fleet/index.ts';
import { embeddedProgramFile, embeddedProgramFor, embeddedVariables } from './embedded/index.ts';

/** How a service is run as a process. */
export interface LaunchPlan {
  readonly words: readonly string[];
  readonly cwd: string;
  /** From `x-flotilla.process`. */
  readonly own: Readonly<Record<string, string>>;
  /** For an embedded program; it gets its port as PORT whatever the file says. */
  readonly embedded: Readonly<Record<string, string>> | null;
}

/**
 * @param dataDir where an embedded program may keep files
 * @throws FlotillaError SERVICE_NOT_RUNNABLE
 */
export function launchPlan(spec: ServiceSpec, dataDir: string): LaunchPlan {
  const refuse = (detail: string): never => {
    throw new FlotillaError('SERVICE_NOT_RUNNABLE', { service: spec.id, detail });
  };
  if (spec.process !== null) {
    const { command, cwd, environment } = spec.process;
    if (!isFolder(cwd)) refuse(`its folder ${cwd} does not exist`);
    return { words: command, cwd, own: environment, embedded: null };
  }
  const name = embeddedProgramFor(spec.image);
  if (name === null) {
    const what = spec.image === null ? 'it has no command' : `nothing stands in for its image ${spec.image}`;
    return refuse(what);
  }
  const file = embeddedProgramFile(name);
  if (file === null) return refuse(`Flotilla's own ${name} is not built: npm run build`);
  // What the image's program would be told (`redis-server --maxmemory 64mb`); ours takes what it can of it.
  return {
    words: ['node', file, ...(spec.command ?? [])],
    cwd: dataDir,
    own: {},
    embedded: embeddedVariables(spec, dataDir),
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
