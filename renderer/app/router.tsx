import { createRoute, createRouter, redirect } from '@tanstack/react-router';
import {
  catalogueRoute,
  chaosRoute,
  compareRoute,
  experimentRoute,
  experimentsRoute,
  runRoute,
  runsRoute,
} from '../features/chaos/index.tsx';
import { dataRoute, dataServiceRoute } from '../features/data/index.tsx';
import { kafkaGroupRoute, kafkaGroupsRoute, kafkaRoute, kafkaTopicRoute } from '../features/kafka/index.tsx';
import { logsRoute } from '../features/logs/index.tsx';
import { serviceRoute, servicesRoute } from '../features/services/index.tsx';
import { terminalRoute } from '../features/terminal/index.tsx';
import { topologyRoute } from '../features/topology/index.tsx';
import { traceRoute, tracesRoute } from '../features/traces/index.tsx';
import { Frame } from './frame.tsx';
import { NotFound } from './not-found.tsx';
import { rootRoute } from './root-route.ts';
import { parseSearch, stringifySearch } from './url-state.ts';
import { ViewError } from './view-error.tsx';

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/topology', search: (before) => before, replace: true });
  },
});

rootRoute.update({ component: Frame });

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    topologyRoute,
    servicesRoute,
    serviceRoute,
    logsRoute,
    tracesRoute,
    traceRoute,
    kafkaRoute,
    kafkaGroupsRoute,
    kafkaTopicRoute,
    kafkaGroupRoute,
    dataRoute,
    dataServiceRoute,
    chaosRoute,
    catalogueRoute,
    experimentsRoute,
    experimentRoute,
    runsRoute,
    runRoute,
    compareRoute,
    terminalRoute,
  ]),
  parseSearch,
  stringifySearch,
  defaultErrorComponent: ViewError,
  defaultNotFoundComponent: NotFound,
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
