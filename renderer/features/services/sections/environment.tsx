import { useState } from 'react';
import { type EnvironmentEntry, type ServiceId, toErrorView } from '../../../../main/contract/index.ts';
import { useCall } from '../../../app/use-call.ts';
import { Button, CopyButton, ErrorNote, Loading } from '../../../ui/index.ts';

const SOURCES: Record<EnvironmentEntry['source'], string> = {
  compose: '',
  env_file: 'from env_file',
  flotilla: 'added by Flotilla',
  rewritten: 'address on this machine',
};

/** The environment of a service as it gets it. Secrets are masked until they are asked for, and masked again on leaving. */
export function Environment({ service }: { service: string }) {
  const [reveal, setReveal] = useState(false);
  const { data, error, refetch } = useCall('service.environment', { service: service as ServiceId, reveal });
  if (error && !data) return <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />;
  if (!data) return <Loading what="Reading the environment" />;
  const secrets = data.some((entry) => entry.masked) || reveal;
  return (
    <section className="section">
      <h3>
        {data.length} variables
        {secrets && (
          <Button look="quiet" icon={reveal ? 'eye-off' : 'eye'} onClick={() => setReveal(!reveal)}>
            {reveal ? 'Mask secrets' : 'Reveal secrets'}
          </Button>
        )}
      </h3>
      <dl className="environment">
        {data.map((entry) => (
          <div key={entry.name}>
            <dt>
              {entry.name}
              {SOURCES[entry.source] && <span className="faint"> · {SOURCES[entry.source]}</span>}
            </dt>
            <dd>
              <span>{entry.value === '' ? <i className="faint">empty</i> : entry.value}</span>
              {!entry.masked && <CopyButton text={entry.value} what={entry.name} />}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
