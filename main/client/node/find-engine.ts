import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import WebSocketClient from 'ws';
import { EndpointFile, FlotillaError, flotillaHome, homeFiles, VERSION } from '../../contract/index.ts';
import { type Client, connect } from '../client.ts';
import { isAlive } from './is-alive.ts';

/** An engine on a machine that is busy may take its time; one whose process is gone is not waited for. */
const ANSWER_MS = 15_000;

/** FLOTILLA_HOME of this process, absolute. */
export function currentHome(): string {
  return resolve(flotillaHome({ platform: process.platform, env: process.env, userDir: homedir() }));
}

/** What the endpoint file says, or null when there is none or it is not readable as one. Not yet believed. */
export async function readEndpoint(home: string): Promise<EndpointFile | null> {
  try {
    const parsed = EndpointFile.safeParse(JSON.parse(await readFile(join(home, homeFiles.endpoint), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export interface FoundEngine {
  readonly endpoint: EndpointFile;
  readonly client: Client;
}

/** Connects to the engine that an endpoint names, with Node's means. */
export function connectTo(endpoint: EndpointFile): Client {
  return connect({
    url: endpoint.url,
    token: endpoint.token,
    WebSocket: WebSocketClient as unknown as typeof WebSocket,
  });
}

/**
 * The engine of a home, connected, once it has answered with the pid that its file names; null when none runs.
 * @throws FlotillaError ENGINE_VERSION when it is of another version than this program
 */
export async function findEngine(home: string): Promise<FoundEngine | null> {
  const endpoint = await readEndpoint(home);
  if (!endpoint || !isAlive(endpoint.pid)) return null;
  const client = connectTo(endpoint);
  try {
    const state = await client.call('engine.state', undefined, AbortSignal.timeout(ANSWER_MS));
    if (state.engine.pid !== endpoint.pid) throw new Error('another program answered');
  } catch {
    client.close();
    return null;
  }
  if (endpoint.version !== VERSION) {
    client.close();
    throw new FlotillaError('ENGINE_VERSION', { engine: endpoint.version, client: VERSION });
  }
  return { endpoint, client };
}
