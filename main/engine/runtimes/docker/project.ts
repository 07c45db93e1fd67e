import { setTimeout as sleep } from 'node:timers/promises';
import type Dockerode from 'dockerode';
import { FlotillaError } from '../../../contract/index.ts';
import {
  type FleetModel,
  type NetworkSpec,
  PLAIN_NETWORK,
  type ServiceSpec,
  type VolumeSpec,
} from '../../fleet/index.ts';
import { firstOf } from './connection/index.ts';
import type { Attachment } from './container-create.ts';
import { engineError, engineWords, isMissing, statusOf } from './docker-errors.ts';
import { COMPOSE, projectLabels, projectName, RUN_LABEL, resourceName } from './names.ts';

/** So long an engine may count a container that is gone as a user of a network. */
const LET_GO_MS = 5000;
const AGAIN_MS = 200;
/** Containers in a network of another driver are on a network beyond this machine. */
const PUBLISHING: ReadonlySet<string> = new Set(['bridge', 'overlay']);

/** The networks and volumes of a fleet: made where they are not there, and taken away again where we made them. */
export class Project {
  readonly name: string;
  /** Networks whose containers publish ports, as far as they have been looked at; by the engine's names. */
  readonly publishing = new Set<string>();
  readonly #docker: Dockerode;
  readonly #model: FleetModel;
  readonly #runId: string;

  constructor(docker: Dockerode, model: FleetModel, runId: string) {
    this.#docker = docker;
    this.#model = model;
    this.#runId = runId;
    this.name = projectName(model);
  }

  /** What a service joins, the one with the highest priority first. */
  attachments(spec: ServiceSpec, container: string): Attachment[] {
    if (spec.container.networkMode !== null) return [];
    const joined = Object.entries(spec.networks);
    const networks = joined.length > 0 ? joined : [['default', []] as const];
    const priority = (key: string): number => spec.container.attachments[key]?.priority ?? 0;
    return networks
      .map(([key, aliases]) => ({
        key,
        network: this.networkName(key),
        aliases: [...new Set([spec.id, container, ...aliases])],
      }))
      .toSorted((a, b) => priority(b.key) - priority(a.key));
  }

  networkName(key: string): string {
    return resourceName(this.#model, key, this.#model.networks[key] ?? PLAIN_NETWORK);
  }

  volumeName(key: string): string {
    const spec = this.#model.volumes[key];
    return spec === undefined ? `${this.name}_${key}` : resourceName(this.#model, key, spec);
  }

  /** The networks that services join, by the file's names. */
  #networkKeys(): string[] {
    const keys = this.#model.services.flatMap((spec) => this.attachments(spec, '').map(({ key }) => key));
    return [...new Set(keys)];
  }

  /**
   * Makes every network that is not there; gives the gateway of each, by the engine's name of the network.
   * @throws FlotillaError CONTAINER_REFUSED, RUNTIME_UNAVAILABLE
   */
  async ensureNetworks(): Promise<Map<string, string>> {
    const gateways = new Map<string, string>();
    for (const key of this.#networkKeys()) {
      const name = this.networkName(key);
      const gateway = await this.#ensureNetwork(key, name).catch((error: unknown) => {
        throw engineError(error, `the network ${name}`);
      });
      if (gateway !== null) gateways.set(name, gateway);
    }
    return gateways;
  }

  async #ensureNetwork(key: string, name: string): Promise<string | null> {
    const spec = this.#model.networks[key] ?? PLAIN_NETWORK;
    const found = await this.#inspectNetwork(name);
    if (found !== null) return gatewayOf(found);
    if (spec.external) throw new Error(`there is no network ${name}, which the file calls external`);
    await this.#docker
      .createNetwork({
        Name: name,
        CheckDuplicate: true,
        Internal: spec.internal,
        Attachable: spec.attachable,
        EnableIPv6: spec.enableIpv6,
        ...(spec.driver === null ? {} : { Driver: spec.driver }),
        Options: { ...spec.driverOptions },
        Labels: { ...spec.labels, ...projectLabels(this.#model, this.#runId), [COMPOSE.network]: key },
        ...(spec.ipam === null ? {} : { IPAM: ipamOf(spec.ipam) }),
      })
      .catch((error: unknown) => {
        if (statusOf(error) !== 409) throw error;
      });
    const made = await this.#inspectNetwork(name);
    return made === null ? null : gatewayOf(made);
  }

  async #inspectNetwork(name: string): Promise<Dockerode.NetworkInspectInfo | null> {
    try {
      const found = await this.#docker.getNetwork(name).inspect();
      // The engine also finds a network by the beginning of its id.
      if (found.Name !== name) return null;
      if (!found.Internal && PUBLISHING.has(found.Driver)) this.publishing.add(name);
      return found;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** Makes the volumes of a service that are not there. @throws FlotillaError CONTAINER_REFUSED, RUNTIME_UNAVAILABLE */
  async ensureVolumes(spec: ServiceSpec): Promise<void> {
    const keys = spec.mounts.flatMap(({ kind, source }) => (kind === 'volume' && source !== null ? [source] : []));
    for (const key of new Set(keys)) {
      const name = this.volumeName(key);
      await this.#ensureVolume(key, name).catch((error: unknown) => {
        throw engineError(error, `the volume ${name}`);
      });
    }
  }

  async #ensureVolume(key: string, name: string): Promise<void> {
    const spec: VolumeSpec | undefined = this.#model.volumes[key];
    const found = await this.#docker
      .getVolume(name)
      .inspect()
      .catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw error;
      });
    if (found !== null) return;
    if (spec?.external) throw new Error(`there is no volume ${name}, which the file calls external`);
    await this.#docker.createVolume({
      Name: name,
      ...(spec?.driver ? { Driver: spec.driver } : {}),
      DriverOpts: { ...spec?.driverOptions },
      Labels: { ...spec?.labels, ...projectLabels(this.#model, this.#runId), [COMPOSE.volume]: key },
    });
  }

  /**
   * Takes away the networks and, unless they are to be kept, the named volumes that Flotilla has made for this project, in
   * this run or in one before it whose data was kept. Gives what the engine did not let go of.
   */
  async remove(keepData: boolean): Promise<FlotillaError[]> {
    const left: FlotillaError[] = [];
    const filters = { label: [`${COMPOSE.project}=${this.name}`, RUN_LABEL] };
    for (const { Id, Name } of await this.#docker.listNetworks({ filters })) {
      left.push(...(await this.#remove('network', Name, () => this.#docker.getNetwork(Id).remove())));
    }
    if (keepData) return left;
    const { Volumes } = await this.#docker.listVolumes({ filters: { label: filters.label } });
    for (const { Name } of Volumes ?? []) {
      left.push(...(await this.#remove('volume', Name, () => this.#docker.getVolume(Name).remove())));
    }
    return left;
  }

  /** The engine may take a moment to let go; what somebody else's container still uses it keeps. */
  async #remove(kind: 'network' | 'volume', name: string, remove: () => Promise<unknown>): Promise<FlotillaError[]> {
    const deadlineMs = Date.now() + LET_GO_MS;
    for (;;) {
      try {
        await remove();
        return [];
      } catch (error) {
        if (isMissing(error)) return [];
        const detail = engineWords(error);
        if (!/in use|has active endpoints/i.test(detail)) throw engineError(error, `to remove the ${kind} ${name}`);
        if (Date.now() > deadlineMs) return [new FlotillaError('LEFT_BEHIND', { kind, name, detail })];
        await sleep(AGAIN_MS);
      }
    }
  }
}

/** Its address in IPv4; null where it has none. */
export function gatewayOf(network: Dockerode.NetworkInspectInfo): string | null {
  // Of the engine's own default network it tells the subnet alone.
  const ofBridge = (subnet: string | undefined) => (network.Driver === 'bridge' && subnet ? firstOf(subnet) : []);
  const gateways = (network.IPAM?.Config ?? []).flatMap(({ Gateway, Subnet }) => Gateway || ofBridge(Subnet));
  return gateways.map((one) => one.replace(/\/\d+$/, '')).find((one) => /^\d+(\.\d+){3}$/.test(one)) ?? null;
}

function ipamOf({ driver, options, pools }: NonNullable<NetworkSpec['ipam']>): Dockerode.IPAM {
  return {
    Driver: driver ?? 'default',
    Options: { ...options },
    Config: pools.map(({ subnet, ipRange, gateway, auxAddresses }) => ({
      ...(subnet === null ? {} : { Subnet: subnet }),
      ...(ipRange === null ? {} : { IPRange: ipRange }),
      ...(gateway === null ? {} : { Gateway: gateway }),
      ...(Object.keys(auxAddresses).length === 0 ? {} : { AuxiliaryAddresses: { ...auxAddresses } }),
    })),
  } as unknown as Dockerode.IPAM;
}
