import { Popover } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import type { TrafficDial as Dial } from '../../main/contract/index.ts';
import { Button, UNKNOWN } from '../ui/index.ts';
import { useAct } from './use-call.ts';

const PRESETS = [0, 5, 25, 100, 200];
const SETTLE_MS = 150;
/** How long after its answer the load generator's own word may take to come: it may have rounded what was wanted. */
const ANSWER_MS = 1_000;

/** The knob of the fleet's load generator. Shows what the engine says; a drag is sent when it rests. */
export function TrafficDial({ dial }: { dial: Dial }) {
  const act = useAct('fleet.dial');
  const [wanted, setWanted] = useState<number | null>(null);
  const value = wanted ?? dial.value;
  const { mutate } = act;

  useEffect(() => {
    if (wanted === null) return;
    const forget = (): void => setWanted((now) => (now === wanted ? null : now));
    let timer = setTimeout(() => {
      const onSuccess = (): void => {
        timer = setTimeout(forget, ANSWER_MS);
      };
      mutate({ value: wanted }, { onSuccess, onError: forget });
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [wanted, mutate]);

  useEffect(() => {
    if (wanted === dial.value) setWanted(null);
  }, [wanted, dial.value]);

  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button look="quiet" aria-label={`Traffic: ${value ?? 'not known'} ${dial.unit}`}>
          Traffic <span className="dial-value">{value ?? UNKNOWN}</span>/s
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover dial"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          onEscapeKeyDown={(event) => {
            // The first Escape takes back what is being written, the next one closes.
            if (event.target instanceof Element && event.target.closest('[data-writing]')) event.preventDefault();
          }}
        >
          <div className="dial-head">
            <span className="muted">Load made by {dial.service}</span>
            <DialField dial={dial} value={value} onValue={setWanted} />
          </div>
          <input
            type="range"
            aria-label={`Traffic dial in ${dial.unit}`}
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

/** The value as a number to write. Enter sets it, Escape takes back what was written; what is out of bounds is not sent. */
function DialField({ dial, value, onValue }: { dial: Dial; value: number | null; onValue: (value: number) => void }) {
  const [draft, setDraft] = useState<string | null>(null);
  const problemId = useId();
  const written = Number(draft);
  const isValid = draft !== null && draft.trim() !== '' && written >= dial.min && written <= dial.max;
  const isWrong = draft !== null && !isValid;
  const set = (): void => {
    if (isValid) onValue(written);
    if (!isWrong) setDraft(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') set();
    else if (event.key === 'Escape' && draft !== null) setDraft(null);
    else return;
    event.preventDefault();
  };
  return (
    <label className="dial-field" data-writing={draft === null ? undefined : ''}>
      <input
        type="number"
        aria-label={`Traffic in ${dial.unit}, from ${dial.min} to ${dial.max}`}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? problemId : undefined}
        min={dial.min}
        max={dial.max}
        step="any"
        value={draft ?? value ?? ''}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => (isWrong ? setDraft(null) : set())}
      />
      {dial.unit}
      {isWrong && (
        <span id={problemId} className="tone-error" role="alert">
          {dial.min} to {dial.max}
        </span>
      )}
    </label>
  );
}
