import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';

export const servicesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/services',
  component: lazyRouteComponent(() => import('./services-view.tsx'), 'ServicesView'),
});

export const serviceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/services/$serviceId',
  /** `path` is the file that is looked at, of `view=files`. */
  validateSearch: (raw: Record<string, unknown>): { view?: string; path?: string } => ({
    ...(typeof raw.view === 'string' ? { view: raw.view } : {}),
    ...(typeof raw.path === 'string' && raw.path.startsWith('/') ? { path: raw.path } : {}),
  }),
  component: lazyRouteComponent(() => import('./service-view.tsx'), 'ServiceView'),
});

export * from './sections.ts';
