import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';

/** The texts of a search that a route knows; what is none is left out. */
function textsOf<Search extends object>(
  raw: Record<string, unknown>,
  names: readonly (keyof Search & string)[],
): Search {
  return Object.fromEntries(
    names.flatMap((name) => (typeof raw[name] === 'string' && raw[name] !== '' ? [[name, raw[name]]] : [])),
  ) as Search;
}

/** What is on now. */
export const chaosRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chaos',
  component: lazyRouteComponent(() => import('./active-view.tsx'), 'ActiveView'),
});

/** Every fault there is. `fault` of the shared address is the one that is read, `on` what it would be put on. */
export const catalogueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chaos/catalogue',
  validateSearch: (raw: Record<string, unknown>): { on?: string } => textsOf(raw, ['on']),
  component: lazyRouteComponent(() => import('./catalogue-view.tsx'), 'CatalogueView'),
});

export const experimentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chaos/experiments',
  component: lazyRouteComponent(() => import('./experiments-view.tsx'), 'ExperimentsView'),
});

export const experimentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chaos/experiments/$name',
  component: lazyRouteComponent(() => import('./experiment-view.tsx'), 'ExperimentView'),
});

/** Runs that are kept. `find` and `verdict` filter them, `pick` are up to two that are to be compared, with a comma. */
export const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chaos/runs',
  validateSearch: (raw: Record<string, unknown>): { find?: string; verdict?: string; pick?: string } =>
    textsOf(raw, ['find', 'verdict', 'pick']),
  component: lazyRouteComponent(() => import('./runs-view.tsx'), 'RunsView'),
});

export const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chaos/runs/$run',
  component: lazyRouteComponent(() => import('./run-view.tsx'), 'RunView'),
});

/** Two runs side by side. `of` is the service whose charts are shown. */
export const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chaos/compare',
  validateSearch: (raw: Record<string, unknown>): { a?: string; b?: string; of?: string } =>
    textsOf(raw, ['a', 'b', 'of']),
  component: lazyRouteComponent(() => import('./compare-view.tsx'), 'CompareView'),
});

export { ActiveFaults } from './active-fault.tsx';
export { BreakPanel } from './break-panel.tsx';
