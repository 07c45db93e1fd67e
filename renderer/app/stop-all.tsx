import { Button, formatCount, KeyHint, plural, StateShape, useNow } from '../ui/index.ts';
import { formatLeft, lastToEnd } from './faults.ts';
import { useAct } from './use-call.ts';
import { useChaos, useRunningExperiment } from './use-chaos.ts';

/** What stops everything that is injected, from anywhere. */
export const STOP_ALL_KEYS = 'Mod+.';

/** In the top bar while anything is on: how much, for how long yet, and the way to end all of it. */
export function StopAllButton() {
  const { faults } = useChaos();
  const experiment = useRunningExperiment();
  const stop = useAct('fault.stop', () => 'All faults are off. New ones are refused until they are released.');
  if (faults.length === 0 && experiment === null) return null;
  return (
    <Button
      look="fault"
      className="stop-all"
      busy={stop.isPending}
      onClick={() => stop.mutate(undefined)}
      title="Takes every fault off, ends a running experiment, and refuses new faults"
    >
      <StateShape tone="fault" />
      {faults.length > 0 && <span className="stop-all-count">{plural(faults.length, 'fault')} ·</span>}
      {experiment !== null && faults.length === 0 && <span className="stop-all-count">experiment ·</span>}
      <TimeLeft />
      <b>{stop.isPending ? 'Stopping …' : 'Stop all'}</b>
      <KeyHint keys={STOP_ALL_KEYS} />
    </Button>
  );
}

/** Apart, so that only it renders each second. */
function TimeLeft() {
  const { faults } = useChaos();
  const left = lastToEnd(faults, useNow());
  return left === null ? null : <span className="stop-all-left">{formatLeft(left)} ·</span>;
}

/** Says that everything was stopped, and releases. */
export function BlockedBanner() {
  const { isBlocked, faults } = useChaos();
  const release = useAct('fault.release');
  if (!isBlocked) return null;
  return (
    <div className="banner banner-fault">
      <StateShape tone="fault" />
      <span role="status">
        <b>Faults are stopped; no new ones are put on.</b>{' '}
        {faults.length > 0 && `${formatCount(faults.length)} of them could not be taken off yet; it is tried again.`}
      </span>
      <span style={{ flex: 1 }} />
      <Button look="fault" busy={release.isPending} onClick={() => release.mutate(undefined)}>
        Release
      </Button>
    </div>
  );
}
