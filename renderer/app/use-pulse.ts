import { useQueryClient } from '@tanstack/react-query';
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

/** Tells when something arrived, and whether it was more than metrics, which every service sends also when it idles. */
function follow(client: Client, onMoved: (isTraffic: boolean) => void): () => void {
  return client.subscribe('telemetry.pulse', undefined, {
    onData(pulse) {
      const before = latest;
      take(pulse);
      if (pulse.seq !== before?.seq) onMoved(pulse.spans !== before?.spans || pulse.logs !== before?.logs);
    },
  });
}

/** Views change once a second: often enough to be live, seldom enough to be read and to cost little. */
const REFRESH_MS = 1000;
/** Without traffic only the range moves on. */
const IDLE_REFRESH_MS = 5000;

/**
 * Asks live queries again when telemetry arrived; mounted once. A query under way is left alone, so a slow engine is asked
 * as often as it answers, and a page that nobody sees asks nothing.
 */
export function useLiveQueries(): void {
  const client = useClient();
  const queries = useQueryClient();
  useEffect(() => {
    const refresh = (): void => {
      if (document.hidden) return;
      void queries.invalidateQueries({ predicate: (query) => query.meta?.live === true }, { cancelRefetch: false });
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    let dueMs = Number.POSITIVE_INFINITY;
    let lastMs = 0;
    const refreshSoon = (isTraffic: boolean): void => {
      const due = Math.max(Date.now(), lastMs + (isTraffic ? REFRESH_MS : IDLE_REFRESH_MS));
      if (due >= dueMs) return;
      dueMs = due;
      clearTimeout(timer);
      timer = setTimeout(() => {
        dueMs = Number.POSITIVE_INFINITY;
        lastMs = Date.now();
        refresh();
      }, due - Date.now());
    };
    const stop = follow(client, refreshSoon);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearTimeout(timer);
      stop();
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [client, queries]);
}
