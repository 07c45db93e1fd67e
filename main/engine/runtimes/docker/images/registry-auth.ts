import { spawn } from 'node:child_process';
import { z } from 'zod';
import { type Machine, readDockerConfig } from '../connection/index.ts';
import { DOCKER_HUB } from './image-name.ts';

/** What an engine is given to sign in to a registry with (moby, api/types/registry.AuthConfig). */
export type RegistryAuth =
  | { readonly username: string; readonly password: string; readonly serveraddress: string }
  | { readonly identitytoken: string; readonly serveraddress: string };

/** Docker Hub's credentials are kept under the address of its first API. */
const HUB_KEY = 'https://index.docker.io/v1/';
const HELPER_MS = 10_000;
const LARGEST_ANSWER = 64 * 1024;

/**
 * A person's credentials for a registry, from where `docker login` puts them: a credential helper, or `auths` of
 * config.json. Null where there are none, and where a helper fails: then the pull itself says what is missing.
 */
export async function registryAuth(registry: string, machine: Machine): Promise<RegistryAuth | null> {
  const { config } = readDockerConfig(machine);
  const key = registry === DOCKER_HUB ? HUB_KEY : registry;
  const helper = config.credHelpers[key] ?? config.credHelpers[registry] ?? config.credsStore;
  if (helper !== undefined) {
    const given = await fromHelper(helper, key, machine);
    if (given !== null) return given;
  }
  const entry = Object.entries(config.auths).find(([name]) => name === key || hostOf(name) === hostOf(key))?.[1];
  if (entry === undefined) return null;
  if (entry.identitytoken) return { identitytoken: entry.identitytoken, serveraddress: key };
  const [username = '', ...password] = entry.auth
    ? Buffer.from(entry.auth, 'base64').toString('utf8').split(':')
    : [entry.username ?? '', entry.password ?? ''];
  return username === '' ? null : { username, password: password.join(':'), serveraddress: key };
}

/** Keys of `auths` may be hosts, or addresses as older versions wrote them. */
const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

const Credentials = z.object({ Username: z.string(), Secret: z.string() });

/** `docker-credential-NAME get`, with the registry on its stdin (docker/docker-credential-helpers). */
async function fromHelper(name: string, registry: string, machine: Machine): Promise<RegistryAuth | null> {
  // A name, and never a path: it comes from a file that programs write.
  if (!/^[\w.-]+$/.test(name)) return null;
  const text = await run(`docker-credential-${name}`, ['get'], registry, { ...machine.environment });
  try {
    const { Username, Secret } = Credentials.parse(JSON.parse(text ?? ''));
    if (Username === '<token>') return { identitytoken: Secret, serveraddress: registry };
    return { username: Username, password: Secret, serveraddress: registry };
  } catch {
    return null;
  }
}

function run(command: string, args: string[], input: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'], timeout: HELPER_MS });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      text = (text + data).slice(0, LARGEST_ANSWER);
    });
    child.stdin.on('error', () => undefined);
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code === 0 ? text : null));
    child.stdin.end(input);
  });
}
