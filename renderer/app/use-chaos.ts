import type { ChaosState, ExperimentRunView, FaultKind, FaultView } from '../../main/contract/index.ts';
import { useCalmState } from './engine-context.tsx';
import { useCall } from './use-call.ts';

const CALM: ChaosState = { faults: [], isBlocked: false, experiment: null };

/** What is broken on purpose now, whether new faults are refused, and the experiment that runs or ran last. */
export function useChaos(): ChaosState {
  return useCalmState((state) => state.chaos) ?? CALM;
}

export function useFaults(): readonly FaultView[] {
  return useCalmState((state) => state.chaos.faults) ?? CALM.faults;
}

/** The experiment that runs; null when none does. */
export function useRunningExperiment(): ExperimentRunView | null {
  return useCalmState((state) => (state.chaos.experiment?.status === 'running' ? state.chaos.experiment : null));
}

/** Every fault that there is; undefined until the engine told. It never changes while an engine runs. */
export function useFaultKinds(enabled = true): readonly FaultKind[] | undefined {
  return useCall('fault.kinds', undefined, { enabled, lasts: true }).data;
}
