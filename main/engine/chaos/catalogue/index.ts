import type { FaultKind } from '../../../contract/index.ts';
import { edgeFaults } from './edge-faults.ts';
import { serviceFaults } from './service-faults.ts';
import { storeFaults } from './store-faults.ts';

/** Every fault there is: what it does, on what, with which parameters, on which runtimes, and what to expect of it. */
export const catalogue: readonly FaultKind[] = [...edgeFaults, ...serviceFaults, ...storeFaults];
