import { applyEngineChange, type EngineEvent, type EngineState } from '../contract/index.ts';
import type { Client } from './client.ts';

export interface EngineWatch {
  /** The last state seen; null before the first snapshot. */
  get(): EngineState | null;
  /** The same as it was before what services use of the machine was last measured: it changes only when something happens. */
  getCalm(): EngineState | null;
  /** Called after each change; gives a function that stops listening. */
  subscribe(listener: () => void): () => void;
  close(): void;
}

/** The state after an event, or null when the event does not follow what was seen and a snapshot is needed. */
export function nextState(state: EngineState | null, lastSeq: number, event: EngineEvent): EngineState | null {
  if (event.kind === 'snapshot') return event.state;
  if (!state || event.seq !== lastSeq + 1) return null;
  return applyEngineChange(state, event.change);
}

/** Keeps the engine's state current: a snapshot, then numbered changes; after a gap it asks for a new snapshot. */
export function watchEngine(client: Client): EngineWatch {
  const listeners = new Set<() => void>();
  let state: EngineState | null = null;
  let calm: EngineState | null = null;
  let lastSeq = 0;
  let stop: () => void = () => {};

  const start = (): void => {
    stop = client.subscribe(
      'engine.watch',
      {},
      {
        onData(event) {
          const next = nextState(state, lastSeq, event);
          if (!next) {
            stop();
            start();
            return;
          }
          state = next;
          if (event.kind === 'snapshot' || event.change.kind !== 'stats') calm = next;
          lastSeq = event.seq;
          for (const listener of listeners) listener();
        },
      },
    );
  };
  start();

  return {
    get: () => state,
    getCalm: () => calm,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => stop(),
  };
}
