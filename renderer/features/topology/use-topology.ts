import { useCall } from '../../app/use-call.ts';
import { useTimeRange } from '../../app/use-console-search.ts';

/** Who calls whom in the range of the console; live, it is asked again as telemetry arrives. */
export function useTopology(enabled = true) {
  const { rateRange, isLive } = useTimeRange();
  return useCall('topology.get', { range: rateRange }, { live: isLive, enabled });
}
