import { createRoute } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';
import { EmptyState } from '../../ui/index.ts';

function KafkaView() {
  return <EmptyState icon="kafka" title="Kafka" />;
}

export const kafkaRoute = createRoute({ getParentRoute: () => rootRoute, path: '/kafka', component: KafkaView });
