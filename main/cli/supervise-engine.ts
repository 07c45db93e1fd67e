import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { currentHome, type FoundEngine, isAlive } from '../client/node/index.ts';
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
  /** Rejects when the engine cannot be brought back. */
  readonly failed: Promise<never>;
}

/**
 * Brings the engine back when it dies: the next one finds the fleet, the telemetry and the address of the one before, so
 * that open consoles go on. Ends when the signal aborts. Gives up when it dies more than three times in a minute.
 */
export function superviseEngine(first: FoundEngine, signal: AbortSignal): Supervision {
  let engine = first;
  const restarts: number[] = [];

  async function watch(): Promise<never> {
    for (;;) {
      await delay(CHECK_MS, undefined, { signal });
      if (isAlive(engine.endpoint.pid)) continue;
      const recent = restarts.filter((atMs) => atMs > Date.now() - WINDOW_MS);
      if (recent.length >= MAX_RESTARTS) throw new FlotillaError('ENGINE_FAILED', giveUp());
      restarts.push(Date.now());
      note('The engine is gone; starting it again …');
      engine.client.close();
      engine = await startEngine();
      note(`The engine is back: ${consoleAddress(engine.endpoint)}`);
    }
  }

  const giveUp = () => ({
    detail: `it died ${MAX_RESTARTS + 1} times within a minute.`,
    log: join(currentHome(), homeFiles.log),
  });
  const failed = watch();
  failed.catch(() => {});
  return { current: () => engine, failed };
}
