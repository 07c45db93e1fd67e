import { useCalmFleet, useIsKnown } from './engine-context.tsx';
import { FleetButton } from './fleet-button.tsx';
import { FleetInfo } from './fleet-info.tsx';
import { RangePicker } from './range-picker.tsx';
import { SearchBox } from './search-box.tsx';
import { fleetStatus } from './service-status.ts';
import './top-bar.css';
import { Chip, Tooltip } from '../ui/index.ts';
import { StopAllButton } from './stop-all.tsx';
import { TrafficDial } from './traffic-dial.tsx';

const RUNTIME_NAMES = { process: 'Processes', docker: 'Docker', kubernetes: 'Kubernetes' } as const;

/** The fleet, its runtime and state; search; time; traffic; start and stop. */
export function TopBar() {
  const fleet = useCalmFleet();
  const known = useIsKnown();
  const status = fleet && fleetStatus(fleet);
  return (
    <header className="top-bar">
      {fleet ? <FleetInfo fleet={fleet} /> : <span className="top-bar-fleet">{known ? 'No fleet' : 'Flotilla'}</span>}
      {fleet && (
        <Tooltip text={fleet.runtimeReason}>
          <Chip className="top-bar-runtime" tabIndex={0}>
            {RUNTIME_NAMES[fleet.runtime]}
          </Chip>
        </Tooltip>
      )}
      {fleet?.attached && (
        <Tooltip text="It runs without Flotilla, which only looks: nothing of it is started or stopped unless you ask.">
          <Chip tabIndex={0}>Attached</Chip>
        </Tooltip>
      )}
      {status && (
        <Chip tone={status.tone} role="status" aria-label={`Fleet: ${status.word}`}>
          {status.word}
        </Chip>
      )}
      <SearchBox />
      <RangePicker />
      {fleet?.dial && fleet.state !== 'stopped' && <TrafficDial dial={fleet.dial} />}
      <StopAllButton />
      {known && <FleetButton fleet={fleet} />}
    </header>
  );
}
