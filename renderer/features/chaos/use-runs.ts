import { useCall } from '../../app/use-call.ts';
import { useChaos } from '../../app/use-chaos.ts';

/** The runs that are kept, newest first; asked anew when an experiment began or ended. */
export function useRuns() {
  const { experiment } = useChaos();
  return useCall('experiment.runs', undefined, { about: `${experiment?.id} ${experiment?.status}` });
}
