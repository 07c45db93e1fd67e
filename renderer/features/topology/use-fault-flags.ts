import { useEffect } from 'react';
import type { Topology } from '../../../main/contract/index.ts';
import { useFaultKinds, useFaults } from '../../app/use-chaos.ts';
import { faultFlags } from './fault-flags.ts';
import type { GraphStore } from './graph-store.ts';

const NONE: ReadonlyMap<string, string> = new Map();

/** Keeps the graph's flags of what is injected, which count down, without rendering the graph. None on a picture of the past. */
export function useFaultFlags(store: GraphStore, topology: Topology | undefined, isLive: boolean): void {
  const faults = useFaults();
  const kinds = useFaultKinds(faults.length > 0);
  useEffect(() => {
    if (!topology || !isLive || faults.length === 0) {
      store.flag(NONE);
      return;
    }
    const show = (): void => store.flag(faultFlags(topology, faults, kinds, Date.now()));
    show();
    const timer = setInterval(show, 500);
    return () => clearInterval(timer);
  }, [store, topology, faults, kinds, isLive]);
}
