import { useSyncExternalStore } from 'react';
import type { EngineState } from '../../main/contract/index.ts';
import { useOnState } from './engine-context.tsx';

const KEPT = 60;

export interface Usage {
  readonly cpuPercent: readonly number[];
  readonly memoryBytes: readonly number[];
}

const NONE: Usage = { cpuPercent: [], memoryBytes: [] };
const byService = new Map<string, Usage>();
const listeners = new Set<() => void>();
let seen: EngineState['fleet'] = null;

function collect({ fleet }: EngineState): void {
  if (fleet === seen) return;
  for (const service of fleet?.services ?? []) {
    const before = seen?.services.find((one) => one.id === service.id);
    if (before?.instances === service.instances || service.cpuPercent === null || service.memoryBytes === null)
      continue;
    const usage = byService.get(service.id) ?? NONE;
    byService.set(service.id, {
      cpuPercent: [...usage.cpuPercent, service.cpuPercent].slice(-KEPT),
      memoryBytes: [...usage.memoryBytes, service.memoryBytes].slice(-KEPT),
    });
  }
  seen = fleet;
  for (const listener of listeners) listener();
}

/** Keeps the last minutes of CPU and memory, which the engine tells but does not keep; mounted once. */
export function useCollectUsage(): void {
  useOnState(collect);
}

/** What a service used since the page was opened, oldest first; at most the last 60 measurements. */
export function useUsage(service: string): Usage {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => byService.get(service) ?? NONE,
  );
}
