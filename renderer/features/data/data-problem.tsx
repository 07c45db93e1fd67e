import { Link } from '@tanstack/react-router';
import { toErrorView } from '../../../main/contract/index.ts';
import { keepShared } from '../../app/use-console-search.ts';
import { Button, EmptyState, ErrorNote } from '../../ui/index.ts';

const TITLES: Readonly<Record<string, string>> = {
  PEEK_UNREACHABLE: 'does not answer',
  PEEK_REFUSED: 'lets nobody look',
  PEEK_FULL: 'takes no more connections',
  SERVICE_NOT_RUNNING: 'is not running',
};

/** Why a store cannot be looked into, and where to go from there. */
export function DataProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const view = toErrorView(error);
  const service = String(view.details.service ?? '');
  const title = TITLES[view.code];
  if (title === undefined || service === '') return <ErrorNote error={view} onRetry={onRetry} />;
  return (
    <EmptyState icon="database" title={`${service} ${title}`} text={`${view.message} ${view.remedy}`}>
      <Button onClick={onRetry}>Try again</Button>
      <Link className="button" to="/services/$serviceId" params={{ serviceId: service }} search={keepShared}>
        Open {service}
      </Link>
    </EmptyState>
  );
}
