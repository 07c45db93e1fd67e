import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, watchEngine } from '../client/index.ts';
import { currentHome, type EnsureOptions, ensureEngine, type FoundEngine, findEngine } from '../client/node/index.ts';
import { type EngineState, FlotillaError, homeFiles } from '../contract/index.ts';

/** The built program's folder, `dist/`. */
export const distDir = join(import.meta.dirname, '..');

/** Whether an engine that died has left its run, and with it perhaps a fleet. */
export const hasLeftover = (home: string): boolean => existsSync(join(home, homeFiles.run));

/** Why there is no engine to ask: none was started, or it died and its fleet may still run. */
export const noEngine = (home: string): FlotillaError =>
  new FlotillaError(hasLeftover(home) ? 'ENGINE_DIED' : 'ENGINE_NOT_RUNNING', { home });

/**
 * The engine of this home, connected.
 * @throws FlotillaError ENGINE_NOT_RUNNING, ENGINE_DIED
 */
export async function requireEngine(): Promise<Client> {
  const home = currentHome();
  const found = await findEngine(home);
  if (!found) throw noEngine(home);
  return found.client;
}

/** How an engine of this home is started. */
export function engineOptions(): EnsureOptions {
  return { home: currentHome(), engineFile: join(distDir, 'engine/main.js'), node: process.execPath };
}

/** The engine of this home, started if there was none. */
export function startEngine(): Promise<FoundEngine & { started: boolean }> {
  return ensureEngine(engineOptions());
}

/** Runs `use` with a connection to the running engine and closes it afterwards. */
export async function withEngine<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const client = await requireEngine();
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Waits until the engine's state satisfies `done`, telling `onState` of each state on the way; rejects when aborted. */
export function waitForState(
  client: Client,
  done: (state: EngineState) => boolean,
  options: { onState?: (state: EngineState) => void; signal?: AbortSignal; againMs?: number } = {},
): Promise<EngineState> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    // A signal that is aborted already tells nobody any more.
    if (signal?.aborted) return reject(signal.reason);
    const watch = watchEngine(client);
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      watch.close();
      clearInterval(timer);
      signal?.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      end();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    const look = (): void => {
      const state = watch.get();
      if (!state) return;
      options.onState?.(state);
      if (!done(state)) return;
      end();
      resolve(state);
    };
    watch.subscribe(look);
    if (options.againMs !== undefined) timer = setInterval(look, options.againMs);
  });
}
