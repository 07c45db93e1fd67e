import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import {
  type FaultKind,
  type FaultParameterSpec,
  type FaultTarget,
  toErrorView,
} from '../../../main/contract/index.ts';
import { useClient } from '../../app/engine-context.tsx';
import { faultText, targetText } from '../../app/faults.ts';
import { useCall } from '../../app/use-call.ts';
import { Button, cx, ErrorNote, Icon, KeyHint, StateShape, toastDone } from '../../ui/index.ts';
import {
  boundsText,
  DEFAULT_LASTS,
  EVER,
  lastsProblem,
  type Prepared,
  requested,
  shownValue,
  valueProblem,
} from './prepared-fault.ts';

/** How long typing rests before the engine is asked what would be touched, and how often while nothing changes. */
const REST_MS = 200;
const PREVIEW_EVERY_MS = 3000;

const DURATIONS = [
  { value: '10', label: '10 s' },
  { value: '30', label: '30 s' },
  { value: '60', label: '1 min' },
  { value: '300', label: '5 min' },
] as const;

/** Of what has to be filled in; the others lie in a part that may be closed. */
const FIRST_FIELD = ':scope > .fault-field :is(input, select)';

/** Which of a kind's parameters matter here: with one copy there is nothing to choose among. */
function parametersOf(kind: FaultKind, copies: number): FaultParameterSpec[] {
  const isOfCopies = kind.scope !== 'edge' && copies < 2;
  return kind.parameters.filter((spec) => !(isOfCopies && (spec.name === 'copies' || spec.name === 'percent')));
}

/** Fields that narrow a fault down and may stay empty. */
const isOptional = (spec: FaultParameterSpec): boolean => spec.type === 'text' && spec.default === '';

/**
 * A fault before it is put on: its parameters, for how long, what it would touch. `onInjected` is told when it acts. Enter
 * in any field injects.
 */
export function FaultForm({
  kind,
  target,
  copies = 1,
  prepared,
  takesFocus = false,
  onChange,
  onInjected,
}: {
  kind: FaultKind;
  target: FaultTarget;
  copies?: number;
  prepared: Prepared;
  /** It was just chosen: Enter injects it, and what is typed goes into its first field. */
  takesFocus?: boolean;
  onChange: (prepared: Prepared) => void;
  onInjected: () => void;
}) {
  const client = useClient();
  const asked = requested(kind, prepared);
  const inject = useMutation({
    mutationFn: (request: NonNullable<typeof asked>) => client.call('fault.add', { ...request, target }),
    onSuccess: (fault) => {
      const text = `${faultText(fault, [kind])} on ${targetText(target)}`;
      toastDone(kind.isMoment ? `${text}: done.` : `${text}.`);
      onInjected();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (asked && !inject.isPending) inject.mutate(asked);
  };
  const set = (name: string, value: string): void => {
    inject.reset();
    onChange({ ...prepared, values: { ...prepared.values, [name]: value } });
  };
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!takesFocus) return;
    const field = form.current?.querySelector<HTMLElement>(FIRST_FIELD);
    (field ?? form.current?.querySelector<HTMLElement>('[type="submit"]'))?.focus({ preventScroll: true });
    if (field instanceof HTMLInputElement) field.select();
  }, [takesFocus]);
  const specs = parametersOf(kind, copies);
  const optional = specs.filter(isOptional);
  return (
    <form ref={form} className="fault-form" onSubmit={submit} aria-label={`${kind.title} on ${targetText(target)}`}>
      <p className="muted">{kind.description}</p>
      {specs
        .filter((spec) => !isOptional(spec))
        .map((spec) => (
          <Parameter key={spec.name} spec={spec} value={shownValue(spec, prepared)} onChange={set} />
        ))}
      {optional.length > 0 && (
        <details className="fault-form-more" open={optional.some((spec) => shownValue(spec, prepared) !== '')}>
          <summary>
            <Icon name="chevron-right" /> Only some of them
          </summary>
          {optional.map((spec) => (
            <Parameter key={spec.name} spec={spec} value={shownValue(spec, prepared)} onChange={set} />
          ))}
        </details>
      )}
      {!kind.isMoment && (
        <Lasts
          lasts={prepared.lasts}
          onChange={(lasts) => {
            inject.reset();
            onChange({ ...prepared, lasts });
          }}
        />
      )}
      <Preview request={asked && { ...asked, target }} />
      {inject.error && <ErrorNote error={toErrorView(inject.error)} />}
      <footer className="fault-form-foot">
        <span className="faint">
          <KeyHint keys="Enter" />
        </span>
        <Button look="fault" type="submit" icon="chaos" busy={inject.isPending} disabled={!asked}>
          {inject.isPending ? 'Injecting …' : 'Inject'}
        </Button>
      </footer>
      <section className="fault-expect">
        <h3>What to expect</h3>
        <p className="muted">{kind.expect}</p>
      </section>
    </form>
  );
}

function Parameter({
  spec,
  value,
  onChange,
}: {
  spec: FaultParameterSpec;
  value: string;
  onChange: (name: string, value: string) => void;
}) {
  const id = useId();
  const problem = valueProblem(spec, value);
  const isNumber = spec.type === 'number' || spec.type === 'integer';
  const shared = {
    id,
    value,
    title: isNumber ? `${spec.description} ${boundsText(spec)}.` : spec.description,
    'aria-invalid': problem !== null,
    'aria-describedby': `${id}-note`,
  };
  return (
    <div className="fault-field">
      <label htmlFor={id}>{spec.title}</label>
      {spec.type === 'choice' ? (
        <select {...shared} onChange={(event) => onChange(spec.name, event.target.value)}>
          {spec.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <span className="fault-input">
          <input
            {...shared}
            type="text"
            inputMode={isNumber ? 'decimal' : 'text'}
            autoComplete="off"
            spellCheck={false}
            className={cx(isNumber && 'num')}
            onChange={(event) => onChange(spec.name, event.target.value)}
          />
          {spec.unit && <span className="fault-unit">{spec.unit}</span>}
        </span>
      )}
      <p id={`${id}-note`} className={problem === null ? 'fault-note faint' : 'fault-note tone-error'}>
        {problem ?? spec.description}
      </p>
    </div>
  );
}

function Lasts({ lasts, onChange }: { lasts: string; onChange: (lasts: string) => void }) {
  const id = useId();
  const problem = lastsProblem(lasts);
  const isForEver = lasts === EVER;
  return (
    <fieldset className="fault-lasts">
      <legend>For how long</legend>
      <div className="fault-lasts-row">
        {DURATIONS.map(({ value, label }) => (
          <button
            key={value}
            type="button"
            className={cx('fault-pick', lasts === value && 'fault-pick-on')}
            aria-pressed={lasts === value}
            onClick={() => onChange(value)}
          >
            {label}
          </button>
        ))}
        <span className="fault-input">
          <input
            type="text"
            inputMode="decimal"
            className="num"
            aria-label="Seconds"
            aria-invalid={problem !== null}
            aria-describedby={`${id}-note`}
            disabled={isForEver}
            value={isForEver ? '' : lasts}
            onChange={(event) => onChange(event.target.value)}
          />
          <span className="fault-unit">s</span>
        </span>
      </div>
      <label className="fault-ever">
        <input
          type="checkbox"
          checked={isForEver}
          onChange={(event) => onChange(event.target.checked ? EVER : DEFAULT_LASTS)}
        />
        Until somebody ends it
      </label>
      <p id={`${id}-note`} className={problem ? 'fault-note tone-error' : 'fault-note faint'}>
        {problem ?? (isForEver ? 'It stays, also when this page is closed.' : 'It ends by itself, whatever dies.')}
      </p>
    </fieldset>
  );
}

type PreviewRequest = NonNullable<ReturnType<typeof requested>> & { readonly target: FaultTarget };

/** What it would touch, told by the engine as one types. */
function Preview({ request }: { request: PreviewRequest | null }) {
  const text = JSON.stringify(request);
  const rested = useRested(text, REST_MS);
  const { data, error } = useCall(
    'fault.preview',
    (JSON.parse(rested) ?? { kind: '', target: { kind: 'service', service: '' } }) as PreviewRequest,
    { enabled: rested !== 'null', everyMs: PREVIEW_EVERY_MS },
  );
  if (request === null)
    return <p className="fault-preview muted">Correct what is marked to see what it would touch.</p>;
  if (error) return <ErrorNote error={toErrorView(error)} />;
  return (
    <p className="fault-preview" role="status">
      <StateShape tone="fault" />
      {data?.summary ?? 'Asking what it would touch …'}
    </p>
  );
}

/** The value as it is once it has not changed for so long. */
function useRested(value: string, ms: number): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return rested;
}
