import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';
import { type MessageFilters, readFilters } from './message-filters.ts';

/** The topics. `?topic=` leads to the page of one, for links that know no more than its name. */
export const kafkaRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/kafka',
  validateSearch: (raw: Record<string, unknown>): { topic?: string } =>
    typeof raw.topic === 'string' && raw.topic !== '' ? { topic: raw.topic } : {},
  beforeLoad: ({ search }) => {
    if (search.topic === undefined) return;
    const { topic, ...rest } = search;
    throw redirect({ to: '/kafka/topics/$topic', params: { topic }, search: rest, replace: true });
  },
  component: lazyRouteComponent(() => import('./topics-view.tsx'), 'TopicsView'),
});

export const kafkaGroupsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/kafka/groups',
  component: lazyRouteComponent(() => import('./groups-view.tsx'), 'GroupsView'),
});

export type TopicTab = 'messages' | 'partitions' | 'consumers' | 'configuration';

export const kafkaTopicRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/kafka/topics/$topic',
  validateSearch: (raw: Record<string, unknown>): MessageFilters & { view?: string } => ({
    ...readFilters(raw),
    ...(typeof raw.view === 'string' ? { view: raw.view } : {}),
  }),
  component: lazyRouteComponent(() => import('./topic-view.tsx'), 'TopicView'),
});

export const kafkaGroupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/kafka/groups/$group',
  component: lazyRouteComponent(() => import('./group-view.tsx'), 'GroupView'),
});
