import { type Query, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import type { Client } from '../../main/client/index.ts';
import type { TelemetryPulse } from '../../main/contract/index.ts';
import { useClient } from './engine-context.tsx';

let latest: TelemetryPulse | null = null;
const listeners = new Set<() => void>();

/** What the store last said of itself: counts, losses, size. Null before the first pulse. */
export function usePulse(): TelemetryPulse | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => latest,
  );
}

function take(pulse: TelemetryPulse): void {
  latest = pulse;
  for (const listener of listeners) listener();
}

interface Arrived {
  /** Spans or logs; else only metrics did, which every service sends also when it idles. */
  readonly isTraffic: boolean;
  /** Of the newest span or log, epoch ms. */
  readonly newestMs: number;
}

function follow(client: Client, onArrived: (arrived: Arrived) => void): () => void {
  return client.subscribe('telemetry.pulse', undefined, {
    onData(pulse) {
      const before = latest;
      take(pulse);
      if (pulse.seq === before?.seq) return;
      const isTraffic = pulse.spans !== before?.spans || pulse.logs !== before?.logs;
      onArrived({ isTraffic, newestMs: pulse.newestMs ?? 0 });
    },
  });
}

/** Views change once a second: often enough to be live, seldom enough to be read and to cost little. */
const REFRESH_MS = 1000;
const METRICS_REFRESH_MS = 5000;
/** Rates are of the last minute: so long after the last traffic they still fall. */
const FADING_MS = 75_000;
/** Without traffic only the range moves on. */
const IDLE_REFRESH_MS = 30_000;

function dueMs({ isTraffic, newestMs }: Arrived): number {
  if (isTraffic) return REFRESH_MS;
  return Date.now() - newestMs < FADING_MS ? METRICS_REFRESH_MS : IDLE_REFRESH_MS;
}

/** Runs something so many milliseconds after it last ran; of several requests the earliest holds. */
function throttled(run: () => void): { within(ms: number): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueMs = Number.POSITIVE_INFINITY;
  let lastMs = 0;
  return {
    within(ms) {
      const due = Math.max(Date.now(), lastMs + ms);
      if (due >= dueMs) return;
      dueMs = due;
      clearTimeout(timer);
      timer = setTimeout(() => {
        dueMs = Number.POSITIVE_INFINITY;
        lastMs = Date.now();
        run();
      }, due - Date.now());
    },
    stop: () => clearTimeout(timer),
  };
}

/** What is told from metrics, by the name of the call. */
const isOfMetrics = (query: Query): boolean => String(query.queryKey[0]).startsWith('metrics.');

/**
 * Asks live queries again when telemetry arrived; mounted once. A query under way is left alone, so a slow engine is asked
 * as often as it answers, and a page that nobody sees asks nothing.
 */
export function useLiveQueries(): void {
  const client = useClient();
  const queries = useQueryClient();
  useEffect(() => {
    const refresh = (which: (query: Query) => boolean): void => {
      if (document.hidden) return;
      const predicate = (query: Query): boolean => query.meta?.live === true && which(query);
      void queries.invalidateQueries({ predicate }, { cancelRefetch: false });
    };
    const all = throttled(() => refresh(() => true));
    const metrics = throttled(() => refresh(isOfMetrics));
    const stop = follow(client, (arrived) => {
      all.within(dueMs(arrived));
      metrics.within(METRICS_REFRESH_MS);
    });
    const onSeen = (): void => refresh(() => true);
    document.addEventListener('visibilitychange', onSeen);
    return () => {
      all.stop();
      metrics.stop();
      stop();
      document.removeEventListener('visibilitychange', onSeen);
    };
  }, [client, queries]);
}
