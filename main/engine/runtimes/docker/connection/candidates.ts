import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { dockerConfigFolder, readDockerConfig, readDockerContext } from './docker-config.ts';
import { addressText, type EngineAddress, parseEngineAddress, WINDOWS_PIPE } from './engine-address.ts';
import type { Machine } from './machine.ts';

/** TLS as a client of an engine speaks it. */
export interface ClientTls {
  /** Holds ca.pem, cert.pem and key.pem; not all of them have to be there. */
  readonly folder: string;
  readonly verify: boolean;
}

/** A place where a Docker engine may listen. */
export interface Candidate {
  /** How we came upon it: `DOCKER_HOST`, `the Docker context colima`, `Podman's socket`. */
  readonly source: string;
  readonly address: EngineAddress;
  readonly tls: ClientTls | null;
}

/** A place that was named and cannot be used as it is. */
export interface BrokenPlace {
  readonly source: string;
  readonly problem: string;
  readonly remedy: string;
}

export interface Places {
  /** In the order in which they are asked. */
  readonly candidates: readonly Candidate[];
  readonly broken: readonly BrokenPlace[];
  /** Someone named the place: no other is looked for. */
  readonly named: boolean;
}

/**
 * Where a Docker engine may be, in the order of Docker's own programs: DOCKER_HOST and DOCKER_CONTEXT alone where they are
 * set, else the current context, the default socket, and then the sockets of other engines where these usually put them.
 */
export function enginePlaces(machine: Machine): Places {
  const { DOCKER_HOST: host, DOCKER_CONTEXT: context } = machine.environment;
  if (host) return { ...fromHost(machine, host), named: true };
  if (context && context !== 'default') return { ...fromContext(machine, context, 'DOCKER_CONTEXT'), named: true };

  const { config, problem } = readDockerConfig(machine);
  const current = context ? undefined : config.currentContext;
  const first = current && current !== 'default' ? fromContext(machine, current, 'current') : none;
  const unreadable: BrokenPlace[] =
    problem === null ? [] : [{ source: "Docker's configuration", problem, remedy: 'Correct it, or remove it.' }];
  return {
    candidates: withoutRepeats([...first.candidates, ...usualPlaces(machine)]),
    broken: [...unreadable, ...first.broken],
    named: false,
  };
}

type Found = Pick<Places, 'candidates' | 'broken'>;
const none: Found = { candidates: [], broken: [] };
const FORMS = 'unix:///path, tcp://host:port, ssh://user@host or npipe:////./pipe/name';

function fromHost(machine: Machine, text: string): Found {
  const { environment } = machine;
  const source = `DOCKER_HOST=${text}`;
  const address = parseEngineAddress(text);
  if (address === null) {
    const remedy = `Set DOCKER_HOST to ${FORMS}, or unset it.`;
    return { candidates: [], broken: [{ source, problem: 'it is not an address of a Docker engine', remedy }] };
  }
  const verify = Boolean(environment.DOCKER_TLS_VERIFY);
  const secure = address.kind === 'tcp' && (address.secure || verify || Boolean(environment.DOCKER_TLS));
  const folder = environment.DOCKER_CERT_PATH || dockerConfigFolder(machine);
  const tls = secure ? { folder, verify: verify || !environment.DOCKER_TLS } : null;
  return { candidates: [{ source, address, tls }], broken: [] };
}

function fromContext(machine: Machine, name: string, by: 'DOCKER_CONTEXT' | 'current'): Found {
  const source = by === 'current' ? `the Docker context ${name}` : `DOCKER_CONTEXT=${name}`;
  const other = 'List what there is with: docker context ls, and choose one with: docker context use NAME.';
  const found = readDockerContext(machine, name);
  if (!found.found) return { candidates: [], broken: [{ source, problem: found.problem, remedy: other }] };
  const { host, skipVerify, tlsFolder } = found.context;
  const address = parseEngineAddress(host);
  if (address === null) {
    const problem = `its host ${host} is not an address of a Docker engine`;
    return { candidates: [], broken: [{ source, problem, remedy: other }] };
  }
  const tls = address.kind === 'tcp' && tlsFolder !== null ? { folder: tlsFolder, verify: !skipVerify } : null;
  return { candidates: [{ source, address, tls }], broken: [] };
}

const unix = (source: string, path: string): Candidate => ({ source, address: { kind: 'unix', path }, tls: null });
const pipe = (source: string, path: string): Candidate => ({ source, address: { kind: 'npipe', path }, tls: null });

/** The default socket whether it is there or not, others where there is one. */
function usualPlaces(machine: Machine): Candidate[] {
  if (machine.platform === 'win32') {
    return [
      pipe('the default pipe', WINDOWS_PIPE),
      pipe("Docker Desktop's pipe", '//./pipe/dockerDesktopLinuxEngine'),
      pipe("Podman's pipe", '//./pipe/podman-machine-default'),
    ];
  }
  const others = usualSockets(machine).filter(({ address }) => address.kind === 'unix' && existsSync(address.path));
  return [unix('the default socket', machine.sockets.docker), ...others];
}

function usualSockets({ home, environment, sockets, platform }: Machine): Candidate[] {
  const runtime = environment.XDG_RUNTIME_DIR;
  const temporary = environment.TMPDIR ?? '/tmp';
  const inRuntime = (source: string, path: string): Candidate[] => (runtime ? [unix(source, join(runtime, path))] : []);
  const machineSockets =
    platform === 'darwin'
      ? [unix("Podman machine's socket", join(temporary, 'podman/podman-machine-default-api.sock'))]
      : inRuntime("Podman machine's socket", 'podman/podman-machine-default-api.sock');
  return [
    unix("Docker Desktop's socket", join(home, '.docker/run/docker.sock')),
    unix("Docker Desktop's socket", join(home, '.docker/desktop/docker.sock')),
    unix("OrbStack's socket", join(home, '.orbstack/run/docker.sock')),
    ...colimaSockets(environment.COLIMA_HOME || join(home, '.colima')),
    ...colimaSockets(join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'colima')),
    unix("Rancher Desktop's socket", join(home, '.rd/docker.sock')),
    ...inRuntime("rootless Docker's socket", 'docker.sock'),
    ...inRuntime("rootless Podman's socket", 'podman/podman.sock'),
    ...machineSockets,
    unix("Podman machine's socket", join(home, '.local/share/containers/podman/machine/podman.sock')),
    unix(
      "Podman machine's socket",
      join(home, '.local/share/containers/podman/machine/podman-machine-default/podman.sock'),
    ),
    unix("Lima's socket", join(home, '.lima/docker/sock/docker.sock')),
    unix("Podman's socket", sockets.podman),
  ];
}

/** One a profile: `default` first, then the others by name. */
function colimaSockets(folder: string): Candidate[] {
  let profiles: string[];
  try {
    profiles = readdirSync(folder).filter((name) => name !== 'default' && !name.startsWith('_'));
  } catch {
    return [];
  }
  return [
    unix("Colima's socket", join(folder, 'default/docker.sock')),
    unix("Colima's socket", join(folder, 'docker.sock')),
    ...profiles
      .toSorted()
      .map((name) => unix(`the socket of Colima's profile ${name}`, join(folder, name, 'docker.sock'))),
  ];
}

/** Different names of one socket are asked once. */
function withoutRepeats(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ address }) => {
    const key = address.kind === 'unix' ? realPath(address.path) : addressText(address);
    return !seen.has(key) && seen.add(key);
  });
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
