import { useSyncExternalStore } from 'react';

/** How the log list looks; kept in this browser. */
export interface LogDisplay {
  readonly wrap: boolean;
  readonly time: 'clock' | 'date' | 'utc';
  readonly service: boolean;
  readonly instance: boolean;
}

const KEY = 'flotilla.logs';
const DEFAULT: LogDisplay = { wrap: false, time: 'clock', service: true, instance: false };
const TIMES = ['clock', 'date', 'utc'] as const;
const listeners = new Set<() => void>();
let display = read();

function read(): LogDisplay {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const given = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<Record<keyof LogDisplay, unknown>>;
    return {
      wrap: given.wrap === true,
      time: TIMES.find((one) => one === given.time) ?? DEFAULT.time,
      service: given.service !== false,
      instance: given.instance === true,
    };
  } catch {
    return DEFAULT;
  }
}

export function changeDisplay(change: Partial<LogDisplay>): void {
  display = { ...display, ...change };
  localStorage.setItem(KEY, JSON.stringify(display));
  for (const listener of listeners) listener();
}

export function useLogDisplay(): LogDisplay {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => display,
  );
}
