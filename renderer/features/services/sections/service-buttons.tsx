import type { ServiceView } from '../../../../main/contract/index.ts';
import { ACTION_TEXTS, actionsOf, useServiceActions } from '../../../app/use-service-actions.tsx';
import { Button } from '../../../ui/index.ts';
import { useTerminalItem } from '../../terminal/index.tsx';

/** What can be done to a service now, as buttons. */
export function ServiceButtons({ service }: { service: ServiceView }) {
  const { run, confirm } = useServiceActions();
  const terminal = useTerminalItem()(service);
  return (
    <div className="service-buttons">
      <Button
        icon="terminal"
        onClick={terminal.onSelect}
        disabled={terminal.disabledReason !== undefined}
        title={terminal.disabledReason ?? `A shell in the environment of ${service.id}`}
      >
        Terminal
      </Button>
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
