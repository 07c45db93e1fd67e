import { createRoute } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';
import { EmptyState } from '../../ui/index.ts';

function TracesView() {
  return <EmptyState icon="traces" title="Traces" />;
}

export const tracesRoute = createRoute({ getParentRoute: () => rootRoute, path: '/traces', component: TracesView });
export const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces/$traceId',
  component: TracesView,
});
