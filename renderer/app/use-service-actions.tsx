import { useCallback, useState } from 'react';
import type { ServiceAction, ServiceView } from '../../main/contract/index.ts';
import { ConfirmDialog, type IconName, type MenuItem } from '../ui/index.ts';
import { useAct } from './use-call.ts';

interface ActionText {
  readonly label: string;
  readonly icon: IconName;
  readonly done: string;
}

/** How each action reads, in the order that menus show them. */
export const ACTION_TEXTS: Readonly<Record<ServiceAction, ActionText>> = {
  start: { label: 'Start', icon: 'play', done: 'is starting' },
  restart: { label: 'Restart', icon: 'restart', done: 'is restarting' },
  stop: { label: 'Stop', icon: 'stop', done: 'is stopping' },
  pause: { label: 'Pause', icon: 'pause', done: 'is paused: it keeps its connections and answers nothing' },
  resume: { label: 'Resume', icon: 'play', done: 'goes on' },
  kill: { label: 'Kill …', icon: 'kill', done: 'was killed' },
};
const ORDER = Object.keys(ACTION_TEXTS) as ServiceAction[];

/** The actions that a service offers now, in order. */
export function actionsOf(service: ServiceView): ServiceAction[] {
  return ORDER.filter((action) => service.actions.includes(action));
}

/** Acts on a service; asks before it kills one. `confirm` must be in the page for that. */
export function useServiceActions() {
  const act = useAct('service.act', (_, input) => `${input.service} ${ACTION_TEXTS[input.action].done}.`);
  const [toKill, setToKill] = useState<ServiceView['id'] | null>(null);
  const { mutate } = act;
  const run = useCallback(
    (service: ServiceView, action: ServiceAction) =>
      action === 'kill' ? setToKill(service.id) : mutate({ service: service.id, action }),
    [mutate],
  );
  const menuItems = useCallback(
    (service: ServiceView): MenuItem[] =>
      actionsOf(service).map((action) => ({
        label: ACTION_TEXTS[action].label,
        icon: ACTION_TEXTS[action].icon,
        danger: action === 'kill',
        onSelect: () => run(service, action),
      })),
    [run],
  );
  const confirm = (
    <ConfirmDialog
      open={toKill !== null}
      title={`Kill ${toKill ?? ''}?`}
      text="It ends at once, without finishing what it is doing (SIGKILL). What its restart policy says happens then."
      action={`Kill ${toKill ?? ''}`}
      onConfirm={() => toKill && mutate({ service: toKill, action: 'kill' })}
      onClose={() => setToKill(null)}
    />
  );
  return { run, menuItems, confirm, busy: act.isPending };
}
