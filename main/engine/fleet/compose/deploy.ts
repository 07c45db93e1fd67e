import type { RestartPolicy, ServiceSpec } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectByteSize, expectNumber } from './expect.ts';
import { Fields } from './fields.ts';
import { expectReplicas } from './ports.ts';
import { readDeployRestart } from './restart.ts';
import type { Tree } from './tree.ts';

export interface Deploy {
  readonly replicas: number | null;
  readonly limits: ServiceSpec['limits'];
  readonly restart: RestartPolicy | null;
}

/** A number of cores; Compose's 0 means without limit. */
export function readCpus(tree: Tree): number | null {
  const cpus = expectNumber(tree, { min: 0, max: 10_000 });
  return cpus === 0 ? null : cpus;
}

/** A memory limit; Compose's 0 means without limit. */
export function readMemory(tree: Tree): number | null {
  const bytes = expectByteSize(tree);
  return bytes === 0 ? null : bytes;
}

function readLimits(tree: Tree, context: ReadContext): ServiceSpec['limits'] {
  const resources = new Fields(tree);
  const limits = resources.read('limits', (value) => new Fields(value), null);
  resources.warnOfRest(context.warnings, { reservations: 'nothing is reserved: Flotilla runs on one machine' });
  if (limits === null) return { cpus: null, memoryBytes: null };
  const read = { cpus: limits.read('cpus', readCpus, null), memoryBytes: limits.read('memory', readMemory, null) };
  limits.warnOfRest(context.warnings);
  return read;
}

/** `deploy`: replicas, limits and the restart policy; what is about swarms is warned of. */
export function readDeploy(tree: Tree | null, context: ReadContext): Deploy {
  const nothing: Deploy = { replicas: null, limits: { cpus: null, memoryBytes: null }, restart: null };
  if (tree === null) return nothing;
  const fields = new Fields(tree);
  const deploy: Deploy = {
    replicas: fields.read('replicas', expectReplicas, null),
    limits: fields.read('resources', (value) => readLimits(value, context), nothing.limits),
    restart: fields.read('restart_policy', (value) => readDeployRestart(value, context), null),
  };
  fields.warnOfRest(context.warnings);
  return deploy;
}
