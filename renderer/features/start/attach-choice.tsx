import { type AttachCandidate, type AttachTarget, toErrorView } from '../../../main/contract/index.ts';
import { useAct, useCall } from '../../app/use-call.ts';
import { Button, ErrorNote, Loading, plural, StateShape } from '../../ui/index.ts';
import './start.css';

/** What somebody starts or ends in a terminal is here a moment later. */
const LIST_EVERY_MS = 5000;

/** What runs on the container engine without Flotilla, to be looked at as a fleet. */
export function AttachChoice() {
  const { data, error, refetch } = useCall('attach.list', undefined, { everyMs: LIST_EVERY_MS });
  const attach = useAct('fleet.attach', (_, input) => `Attached to ${nameOf(input)}. Nothing of it was changed.`);
  return (
    <section className="attach-choice" aria-labelledby="attach-choice">
      <h2 id="attach-choice">Already running</h2>
      {error && !data ? (
        <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading what="Asking the container engine what runs" />
      ) : data.reason !== null ? (
        <p className="muted">
          What runs in containers cannot be listed: {data.reason} {data.remedy}
        </p>
      ) : data.candidates.length === 0 ? (
        <p className="muted">
          Nothing that Flotilla did not start. A project that <code>docker compose up</code> starts appears here by
          itself.
        </p>
      ) : (
        <ul>
          {data.candidates.map((one) => (
            <Candidate
              key={one.project ?? one.containerIds[0]}
              candidate={one}
              busy={attach.isPending && nameOf(attach.variables) === nameOf(targetOf(one))}
              disabled={attach.isPending}
              onAttach={() => attach.mutate(targetOf(one))}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function targetOf({ project, name }: AttachCandidate): AttachTarget {
  return project === null ? { containers: [name] } : { project };
}

function nameOf(target: AttachTarget): string {
  return 'project' in target ? target.project : target.containers.join(', ');
}

function Candidate({
  candidate: { project, name, services, files },
  busy,
  disabled,
  onAttach,
}: {
  candidate: AttachCandidate;
  busy: boolean;
  disabled: boolean;
  onAttach: () => void;
}) {
  const containers = services.reduce((sum, one) => sum + one.containers, 0);
  const running = services.reduce((sum, one) => sum + one.running, 0);
  const count = project === null ? '' : `${plural(services.length, 'service')}, `;
  const state = running === 0 ? 'stopped' : running < containers ? 'partly running' : 'running';
  return (
    <li>
      <StateShape tone={running === 0 ? 'idle' : running < containers ? 'warn' : 'ok'} label={state} size={10} />
      <span className="attach-what">
        <span className="truncate">
          <b>{name}</b> <span className="muted">{project === null ? 'a container' : 'a Compose project'}</span>
        </span>
        <span className="muted truncate" title={files.join(', ')}>
          {count}
          {running} of {plural(containers, 'container')} running
          {project === null ? ` · ${services[0]?.image ?? ''}` : ` · ${services.map(({ id }) => id).join(', ')}`}
        </span>
      </span>
      <Button busy={busy} disabled={disabled} onClick={onAttach} aria-label={`Attach to ${name}`}>
        {busy ? 'Attaching …' : 'Attach'}
      </Button>
    </li>
  );
}
