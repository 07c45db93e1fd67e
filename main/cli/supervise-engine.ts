import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { currentHome, type FoundEngine, isAlive, readEndpoint } from '../client/node/index.ts';
import { FlotillaError, homeFiles } from '../contract/index.ts';
import { consoleAddress } from './console-window.ts';
import { startEngine } from './context.ts';
import { note } from './output.ts';

const MAX_RESTARTS = 3;
const WINDOW_MS = 60_000;
const CHECK_MS = 500;

export interface Supervision {
  /** The engine that runs now. */
  current(): FoundEngine;
  /** Resolves when somebody else stopped the engine (`flotilla down`); rejects when it cannot be brought back. */
  readonly ended: Promise<void>;
}

/**
 * Brings the engine back when it dies: the next one finds the fleet, the telemetry and the address of the one before, so
 * that open consoles go on. One that was told to stop took its endpoint file with it, and stays away. Ends when the
 * signal aborts. Gives up when the engine dies more than three times in a minute.
 */
export function superviseEngine(first: FoundEngine, signal: AbortSignal): Supervision {
  let engine = first;
  const restarts: number[] = [];

  async function watch(): Promise<void> {
    for (;;) {
      await delay(CHECK_MS, undefined, { signal });
      if (isAlive(engine.endpoint.pid)) continue;
      if ((await readEndpoint(currentHome())) === null) return;
      const recent = restarts.filter((atMs) => atMs > Date.now() - WINDOW_MS);
      if (recent.length >= MAX_RESTARTS) throw new FlotillaError('ENGINE_FAILED', giveUp());
      restarts.push(Date.now());
      note('The engine is gone; starting it again …');
      engine = successor(engine, await startEngine());
      note(`The engine is back: ${consoleAddress(engine.endpoint)}`);
    }
  }

  const giveUp = () => ({
    detail: `it died ${MAX_RESTARTS + 1} times within a minute.`,
    log: join(currentHome(), homeFiles.log),
  });
  const ended = watch();
  ended.catch(() => {});
  return { current: () => engine, ended };
}

/** The new engine. Where it has the old one's address the old connection is kept, with all that is subscribed on it. */
function successor(before: FoundEngine, after: FoundEngine): FoundEngine {
  const same = before.endpoint.url === after.endpoint.url && before.endpoint.token === after.endpoint.token;
  (same ? after : before).client.close();
  return { endpoint: after.endpoint, client: same ? before.client : after.client };
}
