import type { Endpoint, InstanceView } from '../../../../main/contract/index.ts';
import { serviceStatus } from '../../../app/service-status.ts';
import { CopyButton, formatBytes, formatCpu, Icon, Since, StateShape } from '../../../ui/index.ts';

const opens = (endpoint: Endpoint): boolean => /^https?:/.test(endpoint.url);

/** Where a service can be reached from this machine. */
export function Endpoints({ endpoints }: { endpoints: readonly Endpoint[] }) {
  if (endpoints.length === 0) return null;
  return (
    <section className="section">
      <h3>Endpoints</h3>
      <ul>
        {endpoints.map((endpoint) => (
          <li key={endpoint.name + endpoint.url} className="endpoint-row">
            <span className="muted">{endpoint.name}</span>
            <span className="mono truncate">{endpoint.url}</span>
            <CopyButton text={endpoint.url} what={`${endpoint.name} address`} />
            {opens(endpoint) && (
              <a
                className="button button-icon button-quiet"
                href={endpoint.url}
                target="_blank"
                rel="noreferrer"
                aria-label={`Open ${endpoint.url}`}
                title="Open in the browser"
              >
                <Icon name="external" />
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The running copies of a service, where there is more to say than of the service itself. */
export function Instances({ instances }: { instances: readonly InstanceView[] }) {
  if (instances.length === 0) return null;
  return (
    <section className="section">
      <h3>{instances.length === 1 ? 'Instance' : `${instances.length} instances`}</h3>
      <ul>
        {instances.map((instance) => {
          const { tone, word } = serviceStatus(instance);
          return (
            <li key={instance.id} className="instance-row">
              <StateShape tone={tone} label={word} size={10} />
              <span className="truncate">{instance.id}</span>
              <span className="faint">
                {instance.containerId ? instance.containerId.slice(0, 12) : instance.pid ? `pid ${instance.pid}` : ''}
              </span>
              <span className="num">{formatCpu(instance.cpuPercent)}</span>
              <span className="num">{formatBytes(instance.memoryBytes)}</span>
              <span className="num faint">{instance.startedAt && <Since time={instance.startedAt} />}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
