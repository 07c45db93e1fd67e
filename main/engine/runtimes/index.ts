import { dockerRuntime } from './docker/index.ts';
import { processRuntime } from './process/index.ts';
import type { Runtime } from './runtime.ts';

export { dockerRuntime } from './docker/index.ts';
export { freePort } from './ports/ports.ts';
export { embeddedProgramFor, packageRoot, processRuntime, processTable } from './process/index.ts';
export * from './runtime.ts';

/** Everything that a fleet can run on; those that come first are preferred where nothing else speaks for another. */
export function allRuntimes(): Runtime[] {
  return [dockerRuntime(), processRuntime()];
}
