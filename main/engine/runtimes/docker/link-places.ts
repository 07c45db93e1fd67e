import type { FleetModel, ServiceSpec } from '../../fleet/index.ts';
import type { Attachment } from './container-create.ts';

const THIS_MACHINE = '127.0.0.1';
const BY_NAME = 'host.docker.internal';

/** Where a link listens so that its caller reaches it. */
export interface LinkPlace {
  /** The network whose gateway it is; null where it is none's. */
  readonly network: string | null;
  readonly listenHost: string;
  /** As the caller knows it. */
  readonly callerHost: string;
}

export interface Surroundings {
  readonly services: FleetModel['services'];
  /**
   * `gateway`: this machine has the gateways of networks. `name`: containers reach 127.0.0.1 of this machine by a name, as
   * the engine runs in a machine of its own here.
   */
  readonly way: 'gateway' | 'name';
  /** The gateways that this machine has, by the engine's name of the network. */
  readonly gateways: ReadonlyMap<string, string>;
  /** Networks whose containers publish ports, and have a way out. */
  readonly publishing: ReadonlySet<string>;
  attachments(spec: ServiceSpec): readonly Attachment[];
}

/**
 * Where a link from one service to another listens; null where none can be: the caller has no network or one that we do not
 * know, it would not find the callee by its name either, or the callee publishes no port.
 */
export function linkPlace(from: ServiceSpec, to: ServiceSpec, around: Surroundings): LinkPlace | null {
  const caller = networkOwner(from, around.services);
  if (caller === null || isNamedByFile(caller, to)) return null;
  const callee = around.attachments(to).map(({ network }) => network);
  if (!callee.some((network) => around.publishing.has(network))) return null;
  const mode = caller.container.networkMode;
  if (mode !== null) {
    if (mode.kind !== 'other' || mode.mode !== 'host') return null;
    return { network: null, listenHost: THIS_MACHINE, callerHost: around.way === 'gateway' ? THIS_MACHINE : BY_NAME };
  }
  const own = around.attachments(caller).map(({ network }) => network);
  const shared = own.filter((network) => callee.includes(network));
  if (shared.length === 0) return null;
  if (around.way === 'name') {
    const hasWayOut = own.some((network) => around.publishing.has(network));
    return hasWayOut ? { network: null, listenHost: THIS_MACHINE, callerHost: BY_NAME } : null;
  }
  for (const network of [...shared, ...own]) {
    const gateway = around.gateways.get(network);
    if (gateway !== undefined) return { network, listenHost: gateway, callerHost: gateway };
  }
  return null;
}

/** The service whose network it has: itself, or the one that it shares with; null where that is somebody else's container. */
function networkOwner(spec: ServiceSpec, services: FleetModel['services']): ServiceSpec | null {
  let owner: ServiceSpec | undefined = spec;
  // The reader refuses services that share in a circle.
  while (owner?.container.networkMode?.kind === 'service') {
    const { service }: { service: string } = owner.container.networkMode;
    owner = services.find((one) => one.id === service);
  }
  return owner === undefined || owner.container.networkMode?.kind === 'container' ? null : owner;
}

/** The file itself says where that name leads. */
const isNamedByFile = ({ extraHosts }: ServiceSpec, { id }: ServiceSpec): boolean =>
  extraHosts.some((entry) => entry.startsWith(`${id}:`) || entry.startsWith(`${id}=`));
