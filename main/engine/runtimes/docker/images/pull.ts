import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Machine } from '../connection/index.ts';
import { registryOf } from './image-name.ts';
import { type EngineMessage, engineMessages } from './messages.ts';
import { registryAuth } from './registry-auth.ts';

export interface PullRequest {
  readonly image: string;
  readonly platform: string | null;
  readonly machine: Machine;
  readonly signal: AbortSignal;
  onMessage(message: EngineMessage): void;
}

/** @throws Error with the engine's words; when the signal aborts, the engine stops pulling */
export async function pullImage(docker: Dockerode, request: PullRequest): Promise<void> {
  const { image, platform, machine, signal } = request;
  const authconfig = await registryAuth(registryOf(image), machine);
  const answer = (await docker.pull(image, {
    abortSignal: signal,
    ...(platform === null ? {} : { platform }),
    ...(authconfig === null ? {} : { authconfig: authconfig as Dockerode.AuthConfig }),
  })) as Readable;
  const abort = (): unknown => answer.destroy(new Error('it was given up'));
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    for await (const message of engineMessages(answer)) request.onMessage(message);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
