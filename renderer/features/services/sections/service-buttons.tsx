import type { ServiceView } from '../../../../main/contract/index.ts';
import { ACTION_TEXTS, actionsOf, useServiceActions } from '../../../app/use-service-actions.tsx';
import { Button } from '../../../ui/index.ts';

/** What can be done to a service now, as buttons. */
export function ServiceButtons({ service }: { service: ServiceView }) {
  const { run, confirm } = useServiceActions();
  return (
    <div className="service-buttons">
      {actionsOf(service).map((action) => (
        <Button
          key={action}
          look={action === 'kill' ? 'danger' : 'normal'}
          icon={ACTION_TEXTS[action].icon}
          onClick={() => run(service, action)}
        >
          {ACTION_TEXTS[action].label}
        </Button>
      ))}
      {confirm}
    </div>
  );
}
