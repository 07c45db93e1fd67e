import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';

export const tracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces',
  validateSearch: (raw: Record<string, unknown>): { sort?: 'longest' } =>
    raw.sort === 'longest' ? { sort: 'longest' } : {},
  component: lazyRouteComponent(() => import('./traces-view.tsx'), 'TracesView'),
});

export const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces/$traceId',
  /** `span` is the one whose details are open. */
  validateSearch: (raw: Record<string, unknown>): { span?: string } =>
    typeof raw.span === 'string' ? { span: raw.span } : {},
  component: lazyRouteComponent(() => import('./trace-view.tsx'), 'TraceView'),
});
