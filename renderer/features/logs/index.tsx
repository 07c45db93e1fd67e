import { createRoute } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';
import { EmptyState } from '../../ui/index.ts';

function LogsView() {
  return <EmptyState icon="logs" title="Logs" />;
}

export const logsRoute = createRoute({ getParentRoute: () => rootRoute, path: '/logs', component: LogsView });
