import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';

/** What is looked at inside a store; all of it in the address, so that a link shows the same. */
export interface DataSearch {
  /** The tab of the store's page. */
  readonly view?: string;
  /** A database's name (PostgreSQL) or number (Redis). */
  readonly db?: string;
  /** `schema.table`, a key in Base64, or a queue as `vhost queue`. */
  readonly item?: string;
  /** Redis: the pattern of keys. */
  readonly keys?: string;
}

const FIELDS = ['view', 'db', 'item', 'keys'] as const;

function readDataSearch(raw: Record<string, unknown>): DataSearch {
  return Object.fromEntries(
    FIELDS.flatMap((name) => (typeof raw[name] === 'string' && raw[name] !== '' ? [[name, raw[name]]] : [])),
  );
}

const component = lazyRouteComponent(() => import('./data-view.tsx'), 'DataPage');

/** Databases, caches and queues; without a service in the address, the first. */
export const dataRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/data',
  validateSearch: readDataSearch,
  component,
});

export const dataServiceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/data/$service',
  validateSearch: readDataSearch,
  component,
});
