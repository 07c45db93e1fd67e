import type { DeviceRequest, RestartPolicy, ServiceSpec } from '../model.ts';
import type { ReadContext } from './context.ts';
import { readDeviceRequests } from './devices.ts';
import { expectByteSize, expectNumber, expectOneOf } from './expect.ts';
import { Fields } from './fields.ts';
import { DEPLOY_KEYS, LIMITS_KEYS, RESERVATIONS_KEYS, RESOURCES_KEYS } from './keys.ts';
import { expectReplicas } from './ports.ts';
import { readDeployRestart } from './restart.ts';
import type { Tree } from './tree.ts';

interface Resources {
  readonly limits: ServiceSpec['limits'];
  readonly pidsLimit: number | null;
  readonly memoryReservationBytes: number | null;
  readonly deviceRequests: readonly DeviceRequest[];
}

export interface Deploy extends Resources {
  readonly replicas: number | null;
  readonly restart: RestartPolicy | null;
}

const NO_RESOURCES: Resources = {
  limits: { cpus: null, memoryBytes: null },
  pidsLimit: null,
  memoryReservationBytes: null,
  deviceRequests: [],
};

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

/** A number of processes; -1 and 0 are without limit. */
export const readPidsLimit = (tree: Tree): number | null =>
  expectNumber(tree, { min: -1, max: 10_000_000, integer: true }) || -1;

function readResources(tree: Tree, context: ReadContext): Resources {
  const resources = new Fields(tree);
  const limits = resources.read('limits', (value) => new Fields(value), null);
  const reservations = resources.read('reservations', (value) => new Fields(value), null);
  resources.warn(RESOURCES_KEYS, context);
  limits?.warn(LIMITS_KEYS, context);
  reservations?.warn(RESERVATIONS_KEYS, context);
  return {
    limits: {
      cpus: limits?.read('cpus', readCpus, null) ?? null,
      memoryBytes: limits?.read('memory', readMemory, null) ?? null,
    },
    pidsLimit: limits?.read('pids', readPidsLimit, null) ?? null,
    memoryReservationBytes: reservations?.read('memory', readMemory, null) ?? null,
    deviceRequests: reservations?.read('devices', (value) => readDeviceRequests(value, context), []) ?? [],
  };
}

/** `deploy`: replicas, resources and the restart policy; what is about swarms is warned of. */
export function readDeploy(tree: Tree | null, context: ReadContext): Deploy {
  if (tree === null) return { ...NO_RESOURCES, replicas: null, restart: null };
  const fields = new Fields(tree);
  fields.warn(DEPLOY_KEYS, context);
  const modes = ['replicated', 'global', 'replicated-job', 'global-job'] as const;
  const mode = fields.read('mode', (value) => expectOneOf(value, modes), 'replicated');
  const replicas = fields.read('replicas', expectReplicas, null);
  return {
    ...fields.read('resources', (value) => readResources(value, context), NO_RESOURCES),
    replicas: mode.startsWith('global') ? null : replicas,
    restart: fields.read('restart_policy', (value) => readDeployRestart(value, context), null),
  };
}
