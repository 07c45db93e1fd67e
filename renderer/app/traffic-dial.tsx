import { Popover } from 'radix-ui';
import { useEffect, useState } from 'react';
import type { TrafficDial as Dial } from '../../main/contract/index.ts';
import { Button, UNKNOWN } from '../ui/index.ts';
import { useAct } from './use-call.ts';

const PRESETS = [0, 5, 25, 100, 200];
const SETTLE_MS = 150;

/** The knob of the fleet's load generator. Shows what the engine says; a drag is sent when it rests. */
export function TrafficDial({ dial }: { dial: Dial }) {
  const act = useAct('fleet.dial');
  const [wanted, setWanted] = useState<number | null>(null);
  const value = wanted ?? dial.value;
  const { mutate } = act;

  useEffect(() => {
    if (wanted === null) return;
    if (wanted === dial.value) {
      setWanted(null);
      return;
    }
    const timer = setTimeout(() => mutate({ value: wanted }, { onError: () => setWanted(null) }), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [wanted, dial.value, mutate]);

  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button look="quiet" aria-label={`Traffic: ${value ?? 'not known'} ${dial.unit}`}>
          Traffic <span className="dial-value">{value ?? UNKNOWN}</span>/s
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover dial" align="end" sideOffset={6} collisionPadding={8}>
          <div className="dial-head">
            <span className="muted">Load made by {dial.service}</span>
            <span>
              <b>{value ?? UNKNOWN}</b> {dial.unit}
            </span>
          </div>
          <input
            type="range"
            aria-label={`Traffic in ${dial.unit}`}
            min={dial.min}
            max={dial.max}
            step={1}
            value={value ?? dial.min}
            onChange={(event) => setWanted(Number(event.target.value))}
          />
          <div className="dial-presets">
            {PRESETS.filter((preset) => preset >= dial.min && preset <= dial.max).map((preset) => (
              <Button key={preset} onClick={() => setWanted(preset)} aria-pressed={preset === value}>
                {preset}
              </Button>
            ))}
          </div>
          {dial.value === null && <p className="muted">{dial.service} does not answer yet.</p>}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
