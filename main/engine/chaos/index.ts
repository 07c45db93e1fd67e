export { catalogue } from './catalogue/index.ts';
export { type Chaos, type ChaosHandlers, type ChaosOptions, createChaos } from './create-chaos.ts';
export { createExperiments, type Experiments } from './experiments/create-experiments.ts';
export type { FaultGround } from './faults/check-request.ts';
export { type FaultApplier, Faults, type FaultsOptions } from './faults/faults.ts';
export { Ledger, type LedgerEntry } from './faults/ledger.ts';
export { groundOf } from './ground.ts';
