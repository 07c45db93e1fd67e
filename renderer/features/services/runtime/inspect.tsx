import { useMemo, useRef, useState } from 'react';
import { type ServiceView, toErrorView } from '../../../../main/contract/index.ts';
import { useCall } from '../../../app/use-call.ts';
import {
  Button,
  CopyButton,
  ErrorNote,
  FindBox,
  formatDateTime,
  Loading,
  plural,
  StateShape,
} from '../../../ui/index.ts';
import { IfCapable } from './capability-note.tsx';
import { type ContainerFacts, containerFacts } from './container-facts.ts';
import { InstanceChoice, indexOf } from './instance-choice.tsx';
import './runtime.css';

/** What the container engine knows of an instance: what stands out, its health checks, and all of it as JSON. */
export function Inspect({ service }: { service: ServiceView }) {
  return (
    <IfCapable name="inspect" icon="services" title="There is nothing to inspect on this runtime">
      <Inspection service={service} />
    </IfCapable>
  );
}

function Inspection({ service }: { service: ServiceView }) {
  const first = service.instances[0];
  const [instance, setInstance] = useState(first ? indexOf(first) : 1);
  const [reveal, setReveal] = useState(false);
  const { data, error, refetch } = useCall('service.inspect', { service: service.id, instance, reveal });
  if (error && !data) return <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />;
  if (!data) return <Loading what="Inspecting the container" />;
  return (
    <div className="inspect">
      <div className="inspect-tools">
        <InstanceChoice instances={service.instances} value={instance} onChange={setInstance} />
        <Button look="quiet" icon="restart" onClick={() => void refetch()}>
          Read again
        </Button>
        <Button look="quiet" icon={reveal ? 'eye-off' : 'eye'} onClick={() => setReveal(!reveal)}>
          {reveal ? 'Mask secrets' : 'Reveal secrets'}
        </Button>
      </div>
      <Facts {...containerFacts(data)} />
      <Json value={data} />
    </div>
  );
}

function Facts({ facts, outOfMemory, health }: ContainerFacts) {
  return (
    <div className="inspect-facts">
      {outOfMemory && (
        <p className="inspect-oom">
          <StateShape tone="error" label="Error" /> The system ended it the last time, as it wanted more memory than it
          may have. Give it a higher limit (deploy.resources.limits.memory), or find out what it keeps.
        </p>
      )}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{localTime(value)}</dd>
          </div>
        ))}
      </dl>
      {health && (
        <section className="section" aria-label="Health checks">
          <h3>
            Health checks: {health.status}
            {health.failing > 0 && `, ${plural(health.failing, 'failure')} in a row`}
          </h3>
          <ul className="inspect-health">
            {health.log.map((check) => (
              <li key={check.startedAt}>
                <StateShape
                  tone={check.exitCode === 0 ? 'ok' : 'error'}
                  label={check.exitCode === 0 ? 'passed' : 'failed'}
                  size={10}
                />
                <span className="mono">{localTime(check.startedAt)}</span>
                <span className="num">{check.exitCode === 0 ? 'passed' : `exit code ${check.exitCode}`}</span>
                <pre>{check.output}</pre>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** A moment as a person here reads it; any other text as it is. */
function localTime(text: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+/.test(text) ? formatDateTime(Date.parse(text)) : text;
}

/** JSON as text, with a search in it. */
function Json({ value }: { value: unknown }) {
  const text = useMemo(() => JSON.stringify(value, null, 2), [value]);
  const lines = useMemo(() => text.split('\n'), [text]);
  const [wanted, setWanted] = useState('');
  const [at, setAt] = useState(0);
  const box = useRef<HTMLPreElement>(null);
  const needle = wanted.toLowerCase();
  const found =
    needle === '' ? [] : lines.flatMap((line, index) => (line.toLowerCase().includes(needle) ? [index] : []));
  const go = (next: number): void => {
    const place = found.length === 0 ? 0 : (next + found.length) % found.length;
    setAt(place);
    box.current?.querySelector(`[data-line="${found[place]}"]`)?.scrollIntoView({ block: 'center' });
  };
  return (
    <section className="section" aria-label="Inspection as JSON">
      <h3 className="inspect-json-head">
        JSON
        <FindBox
          label="Search in the JSON"
          text={wanted}
          found={needle === '' ? '' : found.length === 0 ? 'not found' : `${at + 1} of ${plural(found.length, 'line')}`}
          onText={(next) => {
            setWanted(next);
            setAt(0);
          }}
          onGo={(back) => go(at + (back ? -1 : 1))}
        />
        <CopyButton text={text} what="inspection" />
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <pre ref={box} className="inspect-json" tabIndex={0}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of a text is its place
          <span key={index} data-line={index} className={index === found[at] ? 'inspect-line-at' : undefined}>
            <Marked line={line} needle={needle} />
            {'\n'}
          </span>
        ))}
      </pre>
    </section>
  );
}

function Marked({ line, needle }: { line: string; needle: string }) {
  const at = needle === '' ? -1 : line.toLowerCase().indexOf(needle);
  if (at < 0) return line;
  return (
    <>
      {line.slice(0, at)}
      <mark>{line.slice(at, at + needle.length)}</mark>
      {line.slice(at + needle.length)}
    </>
  );
}
