import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { BuildSpec } from '../../../fleet/index.ts';
import type { Machine } from '../connection/index.ts';
import { COMPOSE, COMPOSE_VERSION } from '../names.ts';
import { type BuildContext, contextArchive } from './build-context.ts';
import { baseImages } from './dockerfile.ts';
import { registryOf } from './image-name.ts';
import type { ImageNeed } from './image-needs.ts';
import { type EngineMessage, engineMessages } from './messages.ts';
import { registryAuth } from './registry-auth.ts';

/** The label that says what an image of ours was built from. */
export const CONTEXT_LABEL = 'dev.flotilla.context';

export interface BuildRequest {
  readonly project: string;
  readonly need: ImageNeed;
  readonly build: BuildSpec;
  /** Null: on another machine, where the engine fetches it. */
  readonly context: BuildContext | null;
  readonly hash: string | null;
  readonly machine: Machine;
  readonly signal: AbortSignal;
  onMessage(message: EngineMessage): void;
}

/**
 * Builds with the engine's own builder, which keeps a cache. When the signal aborts, the engine stops building.
 * @throws Error with the engine's words
 */
export async function buildImage(docker: Dockerode, request: BuildRequest): Promise<void> {
  const { context, signal } = request;
  const archive = context === null ? undefined : contextArchive(context);
  const options = { ...buildOptions(request), abortSignal: signal, registryconfig: await registryConfig(request) };
  const answer = (await docker.buildImage(archive as never, options as Dockerode.ImageBuildOptions)) as Readable;
  const abort = (): unknown => answer.destroy(new Error('it was given up'));
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    for await (const message of engineMessages(answer)) request.onMessage(message);
  } finally {
    signal.removeEventListener('abort', abort);
    archive?.destroy();
  }
}

/** Parameters of the engine's `/build` (API 1.41). */
function buildOptions({ project, need, build, context, hash }: BuildRequest): Record<string, unknown> {
  const [service = ''] = need.services;
  const labels = {
    ...build.labels,
    [COMPOSE.project]: project,
    [COMPOSE.service]: service,
    [COMPOSE.version]: COMPOSE_VERSION,
    ...(hash === null ? {} : { [CONTEXT_LABEL]: hash }),
  };
  const some = <T>(name: string, value: T | null | undefined | false): Record<string, T> =>
    value === null || value === undefined || value === false ? {} : { [name]: value };
  return {
    t: need.names,
    dockerfile: context?.dockerfile.name ?? build.dockerfile ?? 'Dockerfile',
    rm: true,
    forcerm: true,
    labels,
    buildargs: build.args,
    ...some('remote', context === null ? build.context : null),
    ...some('target', build.target),
    ...some('platform', need.platform),
    ...some('networkmode', build.network),
    ...some('shmsize', build.shmSizeBytes),
    ...some('nocache', build.noCache),
    ...some('pull', build.pull ? 'true' : null),
    ...some('extrahosts', build.extraHosts.length > 0 ? build.extraHosts.join(',') : null),
    ...some('cachefrom', build.cacheFrom.length > 0 ? [...build.cacheFrom] : null),
  };
}

/** Credentials for the registries of the images that it builds upon. */
async function registryConfig({ build, context, machine }: BuildRequest): Promise<Record<string, unknown>> {
  const bases = context === null ? [] : baseImages(context.dockerfile.text, build.args);
  const registries = [...new Set(bases.map(registryOf))];
  const found = await Promise.all(registries.map((registry) => registryAuth(registry, machine)));
  return Object.fromEntries(found.flatMap((auth) => (auth === null ? [] : [[auth.serveraddress, auth]])));
}
