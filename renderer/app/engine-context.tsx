import { createContext, type ReactNode, use, useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
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

function usePart<T>(watch: EngineWatch, read: () => EngineState | null, select: (state: EngineState) => T): T | null {
  const chosen = useRef(select);
  chosen.current = select;
  const get = useCallback(() => {
    const state = read();
    return state ? chosen.current(state) : null;
  }, [read]);
  return useSyncExternalStore(watch.subscribe, get);
}

/**
 * Part of the engine's live state; null before the first snapshot. Renders again only when what `select` gives changed
 * (by identity), so select something that the state holds, not something made anew.
 */
export function useEngineState<T>(select: (state: EngineState) => T): T | null {
  const { watch } = useEngine();
  return usePart(watch, watch.get, select);
}

/**
 * The same of the state without measurements: what services use of the machine changes every 2 s, and what does not show
 * it need not be rendered for that.
 */
export function useCalmState<T>(select: (state: EngineState) => T): T | null {
  const { watch } = useEngine();
  return usePart(watch, watch.getCalm, select);
}

/** Whether the engine has told its state: before that nothing is known, which is not the same as no fleet. */
export function useIsKnown(): boolean {
  return useEngineState(() => true) === true;
}

/** Calls a listener with the state after each change, without rendering anything. */
export function useOnState(listener: (state: EngineState) => void): void {
  const { watch } = useEngine();
  useEffect(() => {
    const tell = (): void => {
      const state = watch.get();
      if (state) listener(state);
    };
    tell();
    return watch.subscribe(tell);
  }, [watch, listener]);
}

/** The fleet whose CPU and memory may be old ones; for what does not show them. */
export function useCalmFleet(): FleetView | null {
  return useCalmState((state) => state.fleet);
}

/** The fleet, or null when there is none or it is not known yet. */
export function useFleet(): FleetView | null {
  return useEngineState((state) => state.fleet);
}

const NO_SERVICES: readonly ServiceView[] = [];

/** The services whose CPU and memory may be old ones; for what does not show them. */
export function useCalmServices(): readonly ServiceView[] {
  return useCalmState((state) => state.fleet?.services ?? NO_SERVICES) ?? NO_SERVICES;
}

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
