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
  validateSearch: (raw: Record<string, unknown>): { view?: string } =>
    typeof raw.view === 'string' ? { view: raw.view } : {},
  component: lazyRouteComponent(() => import('./service-view.tsx'), 'ServiceView'),
});

export * from './sections.ts';
