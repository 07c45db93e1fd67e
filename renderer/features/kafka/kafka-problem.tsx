import { Link } from '@tanstack/react-router';
import { toErrorView } from '../../../main/contract/index.ts';
import { useCalmFleet } from '../../app/engine-context.tsx';
import { keepShared } from '../../app/use-console-search.ts';
import { Button, EmptyState, ErrorNote } from '../../ui/index.ts';
import { StartView } from '../start/index.tsx';

/** Why there is nothing of Kafka to show, and what to do. */
export function KafkaProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const fleet = useCalmFleet();
  const view = toErrorView(error);
  if (!fleet || (fleet.state === 'stopped' && !fleet.attached)) return <StartView fleet={fleet} />;
  if (view.code === 'KAFKA_NONE') {
    return (
      <EmptyState
        icon="kafka"
        title="No Kafka broker in this fleet"
        text="A service whose image is Kafka's, or that speaks its protocol, appears here with its topics. The sample shop has one."
      >
        <Link className="button" to="/services" search={keepShared}>
          See the services
        </Link>
      </EmptyState>
    );
  }
  if (view.code === 'KAFKA_UNREACHABLE') {
    const service = String(view.details.service ?? '');
    return (
      <EmptyState icon="kafka" title="The Kafka broker does not answer" text={`${view.message} ${view.remedy}`}>
        <Button onClick={onRetry}>Try again</Button>
        {service !== '' && (
          <Link className="button" to="/services/$serviceId" params={{ serviceId: service }} search={keepShared}>
            Open {service}
          </Link>
        )}
      </EmptyState>
    );
  }
  if (view.code === 'KAFKA_TOPIC_UNKNOWN' || view.code === 'NOT_FOUND') {
    return (
      <EmptyState icon="kafka" title={view.message} text={view.remedy}>
        <Link className="button" to="/kafka" search={keepShared}>
          All topics
        </Link>
        <Link className="button" to="/kafka/groups" search={keepShared}>
          All groups
        </Link>
      </EmptyState>
    );
  }
  return <ErrorNote error={view} onRetry={onRetry} />;
}

/** Above a page that shows what the broker told last: why it tells no more. Nothing while it answers. */
export function Outdated({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return error ? <ErrorNote error={toErrorView(error)} onRetry={onRetry} /> : null;
}
