import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Machine } from './machine.ts';

const Auth = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});

const DockerConfig = z.object({
  currentContext: z.string().optional(),
  auths: z.record(z.string(), Auth).default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({}),
});
/** What Docker's own programs keep in `~/.docker/config.json`, as far as it matters here. */
export type DockerConfig = z.infer<typeof DockerConfig>;

const EMPTY: DockerConfig = { auths: {}, credHelpers: {} };

/** The folder of Docker's client: `~/.docker`, or what DOCKER_CONFIG names. */
export function dockerConfigFolder({ environment, home }: Machine): string {
  return environment.DOCKER_CONFIG || join(home, '.docker');
}

/** The client's configuration; an empty one when there is none. `problem`: why it could not be understood. */
export function readDockerConfig(machine: Machine): { config: DockerConfig; problem: string | null } {
  const file = join(dockerConfigFolder(machine), 'config.json');
  if (!existsSync(file)) return { config: EMPTY, problem: null };
  try {
    return { config: DockerConfig.parse(JSON.parse(readFileSync(file, 'utf8'))), problem: null };
  } catch (error) {
    return { config: EMPTY, problem: `${file} is not understood (${oneLine(error)})` };
  }
}

const ContextMeta = z.object({
  Name: z.string(),
  Endpoints: z.object({
    docker: z.object({ Host: z.string(), SkipTLSVerify: z.boolean().optional() }),
  }),
});

export interface DockerContext {
  readonly host: string;
  readonly skipVerify: boolean;
  /** The folder of its ca.pem, cert.pem and key.pem; null when it has none. */
  readonly tlsFolder: string | null;
}

export type FoundContext =
  | { readonly found: true; readonly context: DockerContext }
  | { readonly found: false; readonly problem: string };

/**
 * A Docker context by its name. They lie under `contexts/meta/<SHA-256 of the name>/meta.json`, their TLS material under
 * `contexts/tls/<the same>/docker/` (docker/cli, cli/context/store).
 */
export function readDockerContext(machine: Machine, name: string): FoundContext {
  const folder = join(dockerConfigFolder(machine), 'contexts');
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(folder, 'meta', id, 'meta.json');
  if (!existsSync(file)) return { found: false, problem: `there is no Docker context called ${name}` };
  try {
    const { docker } = ContextMeta.parse(JSON.parse(readFileSync(file, 'utf8'))).Endpoints;
    const tls = join(folder, 'tls', id, 'docker');
    const tlsFolder = existsSync(tls) ? tls : null;
    return { found: true, context: { host: docker.Host, skipVerify: docker.SkipTLSVerify ?? false, tlsFolder } };
  } catch (error) {
    return { found: false, problem: `the Docker context ${name} is not understood (${file}: ${oneLine(error)})` };
  }
}

function oneLine(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return issue ? `${issue.path.join('.') || 'it'}: ${issue.message}` : 'malformed';
  }
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? 'malformed';
}
