import { type PeekTarget, ServiceId } from '../../contract/index.ts';
import type { FleetModel, ServiceSpec } from '../fleet/index.ts';

/** A service that can be looked into, and how this machine reaches it and logs in. */
export interface OpenTarget extends PeekTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** PostgreSQL's database to start from. */
  readonly database: string;
}

/** What a peek asks of the fleet. */
export interface PeekFleet {
  model(): FleetModel | null;
  reach(service: string, port: string | number): { host: string; port: number } | null;
}

const MANAGEMENT_PORT = 15_672;

/** Where a service is looked into, by the protocol of its port: RabbitMQ through its management API. */
function doorOf(spec: ServiceSpec): { kind: PeekTarget['kind']; port: number } | null {
  for (const { protocol, containerPort } of spec.ports) {
    if (protocol === 'postgres') return { kind: 'postgres', port: containerPort };
    if (protocol === 'redis') return { kind: 'redis', port: containerPort };
    if (protocol === 'amqp' && spec.ports.some((one) => one.containerPort === MANAGEMENT_PORT)) {
      return { kind: 'rabbitmq', port: MANAGEMENT_PORT };
    }
  }
  return null;
}

/** All that can be looked into, in the file's order. */
export function peekTargets(model: FleetModel | null): PeekTarget[] {
  return (model?.services ?? []).flatMap((spec) => {
    const door = doorOf(spec);
    return door === null ? [] : [{ service: spec.id, kind: door.kind }];
  });
}

/** How to reach and enter a service; null when it cannot be looked into, or has no address now. */
export function openTarget(fleet: PeekFleet, service: string): OpenTarget | null {
  const id = ServiceId.safeParse(service);
  const spec = fleet.model()?.services.find((one) => one.id === id.data);
  const door = spec === undefined ? null : doorOf(spec);
  if (spec === undefined || door === null) return null;
  const at = fleet.reach(spec.id, door.port);
  return at === null ? null : { service: spec.id, kind: door.kind, ...at, ...credentialsOf(spec, door.kind) };
}

/**
 * User and password as the images take them from a service's environment: `POSTGRES_*` (postgres),
 * `RABBITMQ_DEFAULT_*` (rabbitmq), `--requirepass` or `REDIS_PASSWORD` (redis and its relatives).
 */
function credentialsOf(
  spec: ServiceSpec,
  kind: PeekTarget['kind'],
): { user: string; password: string; database: string } {
  const variable = (name: string, otherwise: string): string => spec.environment[name]?.value ?? otherwise;
  if (kind === 'postgres') {
    const user = variable('POSTGRES_USER', 'postgres');
    return { user, password: variable('POSTGRES_PASSWORD', ''), database: variable('POSTGRES_DB', user) };
  }
  if (kind === 'rabbitmq') {
    const password = variable('RABBITMQ_DEFAULT_PASS', 'guest');
    return { user: variable('RABBITMQ_DEFAULT_USER', 'guest'), password, database: '' };
  }
  const words = spec.command ?? [];
  const asked = words.indexOf('--requirepass');
  const given = asked < 0 ? undefined : words[asked + 1];
  return { user: '', password: given ?? variable('REDIS_PASSWORD', ''), database: '' };
}
