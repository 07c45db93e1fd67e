import { createContext, type ReactNode, use, useCallback, useRef, useSyncExternalStore } from 'react';
import type { Client, EngineWatch, StatusView } from '../../main/client/index.ts';
import type { EngineState, FleetView, ServiceView } from '../../main/contract/index.ts';

interface Engine {
  readonly client: Client;
  readonly watch: EngineWatch;
}

const EngineContext = createContext<Engine | null>(null);

export function EngineProvider({ engine, children }: { engine: Engine; children: ReactNode }) {
  return <EngineContext value={engine}>{children}</EngineContext>;
}

function useEngine(): Engine {
  const engine = use(EngineContext);
  if (!engine) throw new Error('useEngine outside of EngineProvider');
  return engine;
}

/** The connection to the engine. For calls prefer `useCall` and `useAct`. */
export function useClient(): Client {
  return useEngine().client;
}

/**
 * Part of the engine's live state; null before the first snapshot. Renders again only when what `select` gives changed
 * (by identity), so select something that the state holds, not something made anew.
 */
export function useEngineState<T>(select: (state: EngineState) => T): T | null {
  const { watch } = useEngine();
  const chosen = useRef(select);
  chosen.current = select;
  const get = useCallback(() => {
    const state = watch.get();
    return state ? chosen.current(state) : null;
  }, [watch]);
  return useSyncExternalStore(watch.subscribe, get);
}

/** The fleet, or null when there is none or it is not known yet. */
export function useFleet(): FleetView | null {
  return useEngineState((state) => state.fleet);
}

const NO_SERVICES: readonly ServiceView[] = [];

export function useServices(): readonly ServiceView[] {
  return useEngineState((state) => state.fleet?.services ?? NO_SERVICES) ?? NO_SERVICES;
}

/** One service of the fleet, live; null when there is none of this id. */
export function useService(id: string | null): ServiceView | null {
  return useEngineState((state) => state.fleet?.services.find((service) => service.id === id) ?? null);
}

/** How the connection is. */
export function useConnection(): StatusView {
  const { client } = useEngine();
  return useSyncExternalStore(
    useCallback((listener: () => void) => client.onStatus(listener), [client]),
    () => client.status,
  );
}
