import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';

export const topologyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/topology',
  component: lazyRouteComponent(() => import('./topology-view.tsx'), 'TopologyView'),
});

export { edgeSearch } from './edge-search.ts';
export { useTopology } from './use-topology.ts';
