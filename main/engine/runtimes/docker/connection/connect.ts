import { existsSync, readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Candidate, ClientTls } from './candidates.ts';
import { CommandSocket } from './command-socket.ts';
import type { EngineAddress } from './engine-address.ts';

/**
 * dockerode takes what it is not told from the process's environment, which may speak of another engine: so everything is
 * told. That `host` is there with no value matters; without it a socket's path would be ignored where DOCKER_HOST is set.
 */
const TOLD = {
  host: undefined,
  port: undefined,
  socketPath: undefined,
  protocol: 'http',
  username: undefined,
  password: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  timeout: undefined,
  pathPrefix: '/',
  agent: undefined,
} as const;

/**
 * A client of the engine at this place; nothing is sent yet.
 * @throws Error when TLS material cannot be read
 */
export function connect({ address, tls }: Candidate, environment: NodeJS.ProcessEnv): Dockerode {
  switch (address.kind) {
    case 'unix':
    case 'npipe':
      return dockerode({ socketPath: address.path });
    case 'ssh':
      return dockerode({ host: address.host, agent: sshAgent(address, environment) });
    case 'tcp': {
      const { host, port } = address;
      if (tls === null) return dockerode({ host, port });
      return dockerode({ host, port, protocol: 'https', agent: new HttpsAgent(tlsOptions(tls)) });
    }
  }
}

const load = createRequire(import.meta.url);

/** The library is loaded when it is first needed: it takes 20 MB and a fifth of a second, and many an engine never needs it. */
export function dockerode(options: Readonly<Record<string, unknown>>): Dockerode {
  const Client = load('dockerode') as typeof Dockerode;
  return new Client({ ...TOLD, ...options } as Dockerode.DockerOptions);
}

function tlsOptions({ folder, verify }: ClientTls) {
  const read = (name: string): Buffer | undefined => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file) : undefined;
  };
  return {
    ca: read('ca.pem'),
    cert: read('cert.pem'),
    key: read('key.pem'),
    rejectUnauthorized: verify,
  };
}

/**
 * Each connection is `ssh HOST docker system dial-stdio`, as Docker's own programs do it: so a person's ssh configuration,
 * keys and known hosts count. It never asks for a password: there is nobody to answer.
 */
function sshAgent(
  { host, port, user }: Extract<EngineAddress, { kind: 'ssh' }>,
  environment: NodeJS.ProcessEnv,
): HttpAgent {
  const args = [
    '-o',
    'BatchMode=yes',
    '-o',
    'ConnectTimeout=8',
    ...(user === null ? [] : ['-l', user]),
    ...(port === null ? [] : ['-p', String(port)]),
    '--',
    host,
    'docker system dial-stdio',
  ];
  const agent = new HttpAgent({ keepAlive: false });
  return Object.assign(agent, { createConnection: (): Duplex => new CommandSocket('ssh', args, environment) });
}
