import { createContext, use, useCallback, useSyncExternalStore } from 'react';
import { GraphStore } from './graph-store.ts';

export const GraphContext = createContext<GraphStore>(new GraphStore());

/** One value of the graph's store for one node or edge; renders again only when that value changed. */
export function useLook<T>(id: string, get: (store: GraphStore) => T): T {
  const store = use(GraphContext);
  const subscribe = useCallback((listener: () => void) => store.subscribe(id, listener), [store, id]);
  return useSyncExternalStore(subscribe, () => get(store));
}
