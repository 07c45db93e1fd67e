import { Button, formatSpan, formatTimeOfDay, Icon, Menu, StateShape } from '../ui/index.ts';
import { useTimeRange } from './use-console-search.ts';

const LENGTHS_MS = [5, 15, 60, 360].map((minutes) => minutes * 60_000);

/** What time every view looks at: live with a length, or a stretch of the past. */
export function RangePicker() {
  const { range, isLive, lastMs, goLive } = useTimeRange();
  const text =
    'lastMs' in range
      ? `Live · ${formatSpan(range.lastMs)}`
      : `${formatTimeOfDay(range.fromMs)} – ${formatTimeOfDay(range.toMs)}`;
  return (
    <Menu
      trigger={
        <Button look="quiet" aria-label={`Time range: ${text}`}>
          {isLive ? <StateShape tone="ok" /> : <Icon name="clock" />}
          {text}
          <Icon name="chevron-down" />
        </Button>
      }
      groups={[
        isLive ? [] : [{ label: 'Back to live', icon: 'play', keys: '.', onSelect: () => goLive() }],
        LENGTHS_MS.map((ms) => ({
          label: `Last ${formatSpan(ms)}`,
          ...(isLive && ms === lastMs ? { icon: 'check' as const } : { icon: 'clock' as const }),
          onSelect: () => goLive(ms),
        })),
      ]}
    />
  );
}
