import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { PeekTarget } from '../../../main/contract/index.ts';
import { useCalmFleet, useIsKnown } from '../../app/engine-context.tsx';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import { EmptyState, Loading, Segmented } from '../../ui/index.ts';
import { StartView } from '../start/index.tsx';
import './data.css';
import { DataProblem } from './data-problem.tsx';
import { PostgresView } from './postgres-view.tsx';
import { RabbitView } from './rabbit-view.tsx';
import { RedisView } from './redis-view.tsx';

const VIEWS = { postgres: PostgresView, redis: RedisView, rabbitmq: RabbitView } as const;

/** A read-only look into the fleet's databases, caches and queues. */
export function DataPage() {
  const known = useIsKnown();
  const fleet = useCalmFleet();
  const { service } = useParams({ strict: false });
  const navigate = useNavigate();
  const { data, error, refetch } = useCall('peek.targets', undefined, { enabled: fleet !== null, everyMs: 10_000 });
  if (!known) return <Loading what="Asking the engine what runs" />;
  if (!fleet || (fleet.state === 'stopped' && !fleet.attached)) return <StartView fleet={fleet} />;
  if (error) return <DataProblem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading what="Looking for databases, caches and queues" />;
  const target = service === undefined ? data[0] : data.find((one) => one.service === service);
  if (target === undefined) return <Nothing service={service} targets={data} />;
  const View = VIEWS[target.kind];
  return (
    <div className="data">
      {data.length > 1 && (
        <header className="view-tools">
          <Segmented
            label="Store"
            value={target.service}
            segments={data.map((one) => ({ value: one.service, label: one.service }))}
            onChange={(next) => void navigate({ to: '/data/$service', params: { service: next }, search: keepShared })}
          />
          <span className="view-count">Read-only: nothing that is looked at here is changed by looking</span>
        </header>
      )}
      <View key={target.service} service={target.service} />
    </div>
  );
}

function Nothing({ service, targets }: { service: string | undefined; targets: readonly PeekTarget[] }) {
  if (service === undefined || targets.length === 0) {
    return (
      <EmptyState
        icon="database"
        title="Nothing to look into in this fleet"
        text="Services that run PostgreSQL, Redis (or Valkey) or RabbitMQ with its management plugin appear here: tables and what runs on them, keys and memory, queues and their depth."
      />
    );
  }
  return (
    <EmptyState icon="database" title={`${service} is nothing that can be looked into`} text="These can:">
      {targets.map((one) => (
        <Link
          key={one.service}
          className="button"
          to="/data/$service"
          params={{ service: one.service }}
          search={keepShared}
        >
          {one.service}
        </Link>
      ))}
    </EmptyState>
  );
}
