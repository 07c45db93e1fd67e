import type { Client, ConnectOptions, StatusView } from '../../../main/client/index.ts';
import { type ApiHandlers, api, FlotillaError } from '../../../main/contract/index.ts';
import { createSyntheticEngine, type SyntheticEngine, type SyntheticOptions } from './synthetic-engine.ts';

export { watchEngine } from '../../../main/client/watch-engine.ts';

declare global {
  interface Window {
    /** For measurements and for trying things by hand in the browser's console. */
    synthetic?: SyntheticEngine & { drop(): void; restore(): void };
  }
}

type AnyHandler = (input: unknown, signal: AbortSignal) => unknown;

/** A client that answers by itself: what `vite --mode synthetic` puts in the place of main/client. */
export function connect({ url }: Pick<ConnectOptions, 'url'>): Client {
  const options = new URLSearchParams(location.search);
  const engine = createSyntheticEngine({
    docker: options.has('docker'),
    phase: (options.get('phase') ?? 'healthy') as SyntheticOptions['phase'],
  });
  if (options.has('grow')) engine.grow(Number(options.get('grow')));
  if (options.has('fail')) engine.fail(options.get('fail') ?? '');
  const handlers = engine.handlers as ApiHandlers & Record<string, AnyHandler>;
  const listeners = new Set<(view: StatusView) => void>();
  let status: StatusView = { state: 'open', sinceMs: Date.now(), attempt: 0, error: null };
  const setStatus = (next: StatusView): void => {
    status = next;
    for (const listener of listeners) listener(next);
  };
  window.synthetic = {
    ...engine,
    drop: () => setStatus({ state: 'reconnecting', sinceMs: Date.now(), attempt: 3, error: 'connection refused' }),
    restore: () => setStatus({ state: 'open', sinceMs: Date.now(), attempt: 0, error: null }),
  };
  return {
    url,
    async call(name, input, signal) {
      if (status.state !== 'open') throw new FlotillaError('ENGINE_UNREACHABLE', { url, cause: 'connection refused' });
      const parsed = api[name].input.parse(input);
      return (await (handlers[name] as AnyHandler)(parsed, signal ?? new AbortController().signal)) as never;
    },
    subscribe(name, input, subscriber) {
      const ended = new AbortController();
      const stream = (handlers[name] as AnyHandler)(api[name].input.parse(input), ended.signal) as AsyncIterable<never>;
      void (async () => {
        for await (const item of stream) if (!ended.signal.aborted && status.state === 'open') subscriber.onData(item);
        if (!ended.signal.aborted) subscriber.onEnd?.();
      })();
      return () => ended.abort();
    },
    get status() {
      return status;
    },
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {},
  };
}
