import type { Attachment } from '../../main/contract/index.ts';
import { CopyButton } from '../ui/index.ts';
import './attach-note.css';

/** What the services of a fleet that runs without Flotilla have to be told, so that their traces come here. */
export function AttachNote({ attached: { environment, reason } }: { attached: Attachment }) {
  if (environment.length === 0) return <p className="attach-note muted">Its traces cannot come here. {reason}</p>;
  return (
    <div className="attach-note">
      <p>
        Services that have an OpenTelemetry SDK send their traces here once their environment has these two lines and
        they are started anew:
      </p>
      <ul>
        {environment.map(({ name, value }) => (
          <li key={name}>
            <code>
              {name}={value}
            </code>
            <CopyButton text={`${name}=${value}`} what={name} />
          </li>
        ))}
      </ul>
    </div>
  );
}
