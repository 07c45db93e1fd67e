import { createServer, isIPv4 } from 'node:net';
import { release } from 'node:os';
import type Dockerode from 'dockerode';
import { z } from 'zod';
import { type Candidate, enginePlaces } from './candidates.ts';
import { connect } from './connect.ts';
import { addressText } from './engine-address.ts';
import { type Attempt, attemptOf, brokenAttempt, summary, TIMED_OUT, WINDOWS_CONTAINERS } from './failure.ts';
import { type Machine, thisMachine } from './machine.ts';

/** A Docker engine that answers. */
export interface DockerEngine {
  readonly docker: Dockerode;
  /** How it was found: `DOCKER_HOST=...`, `the default socket`, `the Docker context colima`. */
  readonly source: string;
  /** `unix:///var/run/docker.sock` */
  readonly address: string;
  readonly name: 'Docker' | 'Podman';
  /** `20.10.24` */
  readonly version: string;
  /** `1.41` */
  readonly apiVersion: string;
  /** As the engine names it: `Debian GNU/Linux 12 (bookworm)`, `Docker Desktop`. */
  readonly operatingSystem: string;
  /** It runs on this machine's own kernel and network: the gateways of its networks are interfaces of this machine. */
  readonly local: boolean;
  /** It runs on another machine, so what it publishes on 127.0.0.1 is published there. */
  readonly remote: boolean;
}

export type DockerSearch =
  | { readonly found: true; readonly engine: DockerEngine }
  | { readonly found: false; readonly reason: string; readonly remedy: string; readonly tried: readonly Attempt[] };

export interface SearchOptions {
  readonly machine?: Machine;
  /** How long a place is given to answer; ssh, which has to log in first, three times as long. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 3000;

/**
 * The first Docker engine that answers, of all places where one may be. All are asked at once, so that it takes no longer
 * than the slowest that comes before the one that answers. Never throws.
 */
export async function findDockerEngine(
  environment: Machine['environment'] = process.env,
  options: SearchOptions = {},
): Promise<DockerSearch> {
  const machine = options.machine ?? thisMachine(environment);
  const { candidates, broken } = enginePlaces(machine);
  const found = new AbortController();
  const asked = candidates.map((candidate) => ask(candidate, machine, options.timeoutMs ?? TIMEOUT_MS, found.signal));
  const failed = broken.map(brokenAttempt);
  for (const answer of asked) {
    const given = await answer;
    if ('engine' in given) {
      found.abort();
      return { found: true, engine: given.engine };
    }
    failed.push(given.attempt);
  }
  return { found: false, ...summary(failed, machine), tried: failed };
}

/** What is read of an engine's `version` and `info`; everything else may be missing, as in Podman's. */
const Version = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  Os: z.string().default('linux'),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});
const Info = z.object({
  OperatingSystem: z.string().default(''),
  KernelVersion: z.string().default(''),
  SecurityOptions: z.array(z.string()).nullish(),
});

/** dockerode's types leave out that these take options. */
interface Abortable {
  version(options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
  info(options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
}

type Answer = { readonly engine: DockerEngine } | { readonly attempt: Attempt };

async function ask(candidate: Candidate, machine: Machine, timeoutMs: number, over: AbortSignal): Promise<Answer> {
  const patienceMs = candidate.address.kind === 'ssh' ? 3 * timeoutMs : timeoutMs;
  const late = AbortSignal.timeout(patienceMs);
  const signal = AbortSignal.any([late, over]);
  try {
    const docker = connect(candidate, { ...machine.environment });
    const asked = docker as unknown as Abortable;
    const version = Version.parse(await asked.version({ abortSignal: signal }));
    const info = Info.parse(await asked.info({ abortSignal: signal }));
    if (version.Os === 'windows') throw Object.assign(new Error('Windows containers'), { code: WINDOWS_CONTAINERS });
    return { engine: await described(candidate, docker, version, info, machine) };
  } catch (error) {
    const given = late.aborted
      ? Object.assign(new Error(`${patienceMs / 1000} s`), { code: TIMED_OUT })
      : answerProblem(error);
    return { attempt: attemptOf(candidate, given, machine) };
  }
}

/** Something that speaks HTTP and is no Docker engine. */
function answerProblem(error: unknown): unknown {
  return error instanceof z.ZodError ? new Error('what answers there is not a Docker engine') : error;
}

async function described(
  candidate: Candidate,
  docker: Dockerode,
  version: z.infer<typeof Version>,
  info: z.infer<typeof Info>,
  machine: Machine,
): Promise<DockerEngine> {
  const { address } = candidate;
  const podman = version.Components?.some(({ Name }) => /podman/i.test(Name)) ?? false;
  const here = address.kind === 'unix' || address.kind === 'npipe';
  const remote = address.kind === 'ssh' || (address.kind === 'tcp' && !isLoopback(address.host));
  return {
    docker,
    source: candidate.source,
    address: addressText(address),
    name: podman ? 'Podman' : 'Docker',
    version: version.Version.replace(/\+.*$/, ''),
    apiVersion: version.ApiVersion,
    operatingSystem: info.OperatingSystem,
    local: here && machine.platform === 'linux' && sharesKernel(info) && (await sharesNetwork(docker)),
    remote,
  };
}

function sharesKernel({ KernelVersion, OperatingSystem, SecurityOptions }: z.infer<typeof Info>): boolean {
  // A rootless engine has a network of its own, which this machine has no interface in.
  const rootless = SecurityOptions?.some((one) => one.includes('rootless')) ?? false;
  return KernelVersion === release() && OperatingSystem !== 'Docker Desktop' && !rootless;
}

const Pool = z.object({ Subnet: z.string(), Gateway: z.string().optional() });
const BridgeNetwork = z.object({ IPAM: z.object({ Config: z.array(Pool).nullish() }) });

/**
 * Whether its default network is one that this machine has an address in. Where it has no such network, which Podman has
 * only while something uses it, the kernel alone has to tell.
 */
async function sharesNetwork(docker: Dockerode): Promise<boolean> {
  try {
    const { IPAM } = BridgeNetwork.parse(await docker.getNetwork('bridge').inspect());
    const gateways = (IPAM.Config ?? []).map((pool) => pool.Gateway ?? firstOf(pool.Subnet)).filter(isIPv4);
    if (gateways.length === 0) return true;
    return (await Promise.all(gateways.map(isOurs))).some(Boolean);
  } catch {
    return true;
  }
}

/** The address that a bridge takes for itself where nothing else is said: 172.17.0.1 of 172.17.0.0/16. */
export function firstOf(subnet: string): string {
  const [net = ''] = subnet.split('/');
  return net.replace(/\d+$/, (last) => String(Number(last) + 1));
}

/**
 * Whether this machine has the address: whoever listens on a foreign one is refused. Node's list of interfaces leaves out
 * those that nothing is connected to, as a bridge without containers.
 */
export function isOurs(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port: 0, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
