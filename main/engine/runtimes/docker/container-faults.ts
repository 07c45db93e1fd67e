import { setTimeout as delay } from 'node:timers/promises';
import type Dockerode from 'dockerode';
import { z } from 'zod';
import { FlotillaError } from '../../../contract/index.ts';
import { allSettled } from '../../all-settled.ts';
import { PRESSURE_TOOLS, type PressureTool, pressureCommands, relieveCommand } from '../pressure-programs.ts';
import { type InstanceFaults, type InstanceRef, instanceId, type Pressure } from '../runtime.ts';
import { execIn } from './container-exec.ts';
import type { Containers } from './containers.ts';
import { engineError, engineWords, isMissing } from './docker-errors.ts';
import { memoryInUse } from './memory-in-use.ts';

const PERIOD_US = 100_000;
const EXEC_MS = 5000;
/** How long a container that is paused is waited for. */
const RESUME_MS = 3000;
const AGAIN_MS = 50;
/** What cannot be unlimited again by the engine's API is limited to what no machine has. */
const NO_LIMIT_BYTES = 2 ** 62;

type Inspected = Dockerode.ContainerInspectInfo;

const Limits = z.object({
  NanoCpus: z.number(),
  CpuPeriod: z.number(),
  CpuQuota: z.number(),
  Memory: z.number(),
  MemorySwap: z.number(),
});

/** A network as a container is in it: what `docker network connect` takes. */
const Seat = z.object({
  network: z.string(),
  aliases: z.array(z.string()),
  links: z.array(z.string()),
  driverOptions: z.record(z.string(), z.string()),
  /** Addresses that somebody chose; the engine's own choice it makes again. */
  ipv4: z.string(),
  ipv6: z.string(),
  isChosen: z.boolean(),
});
type Seat = z.infer<typeof Seat>;
const Seats = z.object({ networks: z.array(Seat) });

/** Faults that are done to containers by their engine: `docker update`, `docker network`, programs run inside. */
export class ContainerFaults implements InstanceFaults {
  readonly #docker: Dockerode;
  readonly #containers: Containers;
  /** What programs can be run by, by container: an image does not change. */
  readonly #tools = new Map<string, PressureTool | null>();

  constructor(docker: Dockerode, containers: Containers) {
    this.#docker = docker;
    this.#containers = containers;
  }

  async checkPressure(ref: InstanceRef, { what }: Pressure): Promise<void> {
    const { containerId } = this.#containers.found(ref);
    if ((await this.#toolIn(containerId)) !== null) return;
    throw new FlotillaError('FAULT_IMPOSSIBLE', {
      kind: `${what.kind}-pressure`,
      runtime: 'docker',
      reason: `The image of ${ref.service} has neither sh, node nor python3 to do it with: limit it instead (${what.kind}-limit).`,
    });
  }

  async press(ref: InstanceRef, pressure: Pressure): Promise<void> {
    const { containerId } = this.#containers.found(ref);
    const tool = await this.#toolIn(containerId);
    if (tool === null) return this.checkPressure(ref, pressure);
    await this.relieve(ref, pressure.faultId);
    const container = this.#docker.getContainer(containerId);
    await allSettled(
      pressureCommands(pressure, tool, Date.now()).map(async (words) => {
        const exec = await container.exec({ Cmd: words });
        await exec.start({ Detach: true });
      }),
    ).catch((error: unknown) => {
      throw engineError(error, `a program inside ${instanceId(ref)}`);
    });
  }

  async relieve(ref: InstanceRef, faultId: string): Promise<void> {
    // With the container its programs have ended.
    const running = this.#containers.running.get(instanceId(ref));
    if (running === undefined) return;
    const tool = await this.#toolIn(running.containerId);
    if (tool === null) return;
    const command = { words: relieveCommand(faultId, tool), shell: false, timeoutMs: EXEC_MS };
    const deadlineMs = performance.now() + RESUME_MS;
    for (;;) {
      const { exitCode, output } = await execIn(this.#docker, running.containerId, command);
      if (exitCode === 0 || !this.#containers.running.has(instanceId(ref))) return;
      // Where everything is taken off at once, another fault's pause is just ending.
      if (!/is paused/i.test(output) || performance.now() > deadlineMs) {
        const what = `to end programs inside ${instanceId(ref)}`;
        throw new FlotillaError('CONTAINER_REFUSED', { what, detail: output });
      }
      await delay(AGAIN_MS);
    }
  }

  async limits(ref: InstanceRef): Promise<Record<string, unknown>> {
    const { HostConfig } = await this.#containers.inspectNamed(ref);
    const { NanoCpus, CpuPeriod, CpuQuota, Memory, MemorySwap } = HostConfig;
    return {
      NanoCpus: NanoCpus ?? 0,
      CpuPeriod: CpuPeriod ?? 0,
      CpuQuota: CpuQuota ?? 0,
      Memory: Memory ?? 0,
      MemorySwap: MemorySwap ?? 0,
    };
  }

  async limit(ref: InstanceRef, limit: { readonly cpus: number } | { readonly memoryBytes: number }): Promise<void> {
    const info = await this.#containers.inspectNamed(ref);
    if ('memoryBytes' in limit) {
      const bytes = Math.round(limit.memoryBytes);
      await this.#update(info, { Memory: bytes, MemorySwap: bytes }, ref);
      return;
    }
    // The engine takes one of the two ways to say it, and stays with that for the container's life.
    const isNano = (info.HostConfig.NanoCpus ?? 0) > 0;
    const quota = { CpuPeriod: PERIOD_US, CpuQuota: Math.max(1000, Math.round(limit.cpus * PERIOD_US)) };
    await this.#update(info, isNano ? { NanoCpus: Math.round(limit.cpus * 1e9) } : quota, ref);
  }

  async unlimit(ref: InstanceRef, what: 'cpus' | 'memory', before: Record<string, unknown>): Promise<void> {
    const known = Limits.parse(before);
    const info = await this.#inspectIfThere(ref);
    if (info === null) return;
    if (what === 'memory') {
      const { Memory, MemorySwap } = known;
      // The engine (20.10) refuses -1, its own word for no limit, as less than 6 MB, also after a huge one, and takes 0 for no change.
      await this.#update(
        info,
        Memory > 0
          ? { Memory, MemorySwap: MemorySwap > 0 ? MemorySwap : NO_LIMIT_BYTES }
          : { Memory: NO_LIMIT_BYTES, MemorySwap: NO_LIMIT_BYTES },
        ref,
      );
      return;
    }
    const { NanoCpus, CpuPeriod, CpuQuota } = known;
    const quota = { CpuPeriod: CpuPeriod || PERIOD_US, CpuQuota: CpuQuota > 0 ? CpuQuota : -1 };
    await this.#update(info, NanoCpus > 0 ? { NanoCpus } : quota, ref);
  }

  async networks(ref: InstanceRef): Promise<Record<string, unknown>> {
    const info = await this.#containers.inspectNamed(ref);
    return { networks: seatsOf(info) };
  }

  async disconnect(ref: InstanceRef): Promise<void> {
    const info = await this.#containers.inspectNamed(ref);
    for (const { network } of seatsOf(info)) await this.#leave(network, info.Id, ref);
  }

  async reconnect(ref: InstanceRef, before: Record<string, unknown>): Promise<void> {
    const info = await this.#inspectIfThere(ref);
    if (info === null) return;
    const now = new Map(seatsOf(info).map((seat) => [seat.network, seat]));
    for (const seat of Seats.parse(before).networks) {
      const present = now.get(seat.network);
      // Started anew meanwhile it is back in its network, but without its names there.
      if (present !== undefined && seat.aliases.every((alias) => present.aliases.includes(alias))) continue;
      if (present !== undefined) await this.#leave(seat.network, info.Id, ref);
      await this.#join(seat, info.Id, ref);
    }
  }

  async #leave(network: string, containerId: string, ref: InstanceRef): Promise<void> {
    await this.#docker
      .getNetwork(network)
      .disconnect({ Container: containerId, Force: false })
      .catch((error: unknown) => {
        if (isMissing(error) || /is not connected/i.test(engineWords(error))) return;
        throw engineError(error, `to take ${instanceId(ref)} off ${network}`);
      });
  }

  async #join(seat: Seat, containerId: string, ref: InstanceRef): Promise<void> {
    const { network, aliases, links, driverOptions, ipv4, ipv6, isChosen } = seat;
    const addresses = isChosen ? { IPAMConfig: { IPv4Address: ipv4, IPv6Address: ipv6 } } : {};
    const settings = { Aliases: aliases, Links: links, DriverOpts: driverOptions, ...addresses };
    const options = { Container: containerId, EndpointConfig: settings } as Dockerode.NetworkConnectOptions;
    await this.#docker
      .getNetwork(network)
      .connect(options)
      .catch(async (error: unknown) => {
        // The network or the container is gone.
        if (isMissing(error)) return;
        // As where a port is taken for a moment: what is half connected would pass for connected the next time.
        await this.#leave(network, containerId, ref).catch(() => undefined);
        throw engineError(error, `to put ${instanceId(ref)} back into ${network}`);
      });
  }

  async #update(info: Inspected, change: Record<string, number>, ref: InstanceRef): Promise<void> {
    await this.#docker
      .getContainer(info.Id)
      .update(change)
      .catch((error: unknown) => {
        if (isMissing(error)) return;
        const inUse = change.Memory === undefined ? null : memoryInUse(error, instanceId(ref), change.Memory);
        throw inUse ?? engineError(error, `a limit of ${instanceId(ref)}`);
      });
  }

  /** Null: it has been removed, and one that is made anew is as its file says. */
  async #inspectIfThere(ref: InstanceRef): Promise<Inspected | null> {
    try {
      return await this.#containers.inspectNamed(ref);
    } catch (error) {
      if (error instanceof FlotillaError && error.code === 'SERVICE_NOT_RUNNING') return null;
      throw error;
    }
  }

  async #toolIn(containerId: string): Promise<PressureTool | null> {
    const known = this.#tools.get(containerId);
    if (known !== undefined) return known;
    for (const tool of PRESSURE_TOOLS) {
      const words = tool === 'sh' ? ['sh', '-c', 'command -v head tail sleep'] : [tool, '--version'];
      const { exitCode, output } = await execIn(this.#docker, containerId, { words, shell: false, timeoutMs: EXEC_MS });
      if (exitCode === null && !/not found|no such file/i.test(output)) {
        throw new FlotillaError('CONTAINER_REFUSED', { what: 'a look into the container', detail: output });
      }
      if (exitCode !== 0) continue;
      this.#tools.set(containerId, tool);
      return tool;
    }
    this.#tools.set(containerId, null);
    return null;
  }
}

/** Without what the engine adds by itself: the beginning of the container's id as an alias. */
function seatsOf({ Id, NetworkSettings }: Inspected): Seat[] {
  const networks = NetworkSettings.Networks ?? {};
  return Object.entries(networks).map(([network, endpoint]) => {
    const { IPAMConfig, Aliases, Links, DriverOpts } = endpoint as {
      IPAMConfig?: { IPv4Address?: string; IPv6Address?: string } | null;
      Aliases?: string[] | null;
      Links?: string[] | null;
      DriverOpts?: Record<string, string> | null;
    };
    const { IPv4Address: ipv4 = '', IPv6Address: ipv6 = '' } = IPAMConfig ?? {};
    return {
      network,
      aliases: (Aliases ?? []).filter((alias) => !Id.startsWith(alias)),
      links: Links ?? [],
      driverOptions: DriverOpts ?? {},
      ipv4,
      ipv6,
      isChosen: ipv4 !== '' || ipv6 !== '',
    };
  });
}
