import { createRoute, lazyRouteComponent, useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { FleetView, ServiceView } from '../../../main/contract/index.ts';
import { useEngineState } from '../../app/engine-context.tsx';
import { rootRoute } from '../../app/root-route.ts';
import { withoutSelection } from '../../app/use-console-search.ts';
import type { MenuItem } from '../../ui/index.ts';

/** `service` is whose terminal is shown; one is opened where there is none. */
export const terminalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/terminal',
  validateSearch: (raw: Record<string, unknown>): { service?: string } =>
    typeof raw.service === 'string' && raw.service !== '' ? { service: raw.service } : {},
  component: lazyRouteComponent(() => import('./terminal-view.tsx'), 'TerminalView'),
});

/** Why the fleet's runtime can open no terminal; null when it can. */
export function terminalRefusal(fleet: FleetView | null): string | null {
  const terminal = fleet?.capabilities.find((one) => one.name === 'terminal');
  return terminal?.available === false ? (terminal.reason ?? 'This runtime has no terminals.') : null;
}

/** The entry of menus that opens a terminal in a service. */
export function useTerminalItem(): (service: ServiceView) => MenuItem {
  const navigate = useNavigate();
  const refusal = useEngineState((state) => terminalRefusal(state.fleet));
  return useCallback(
    (service) => ({
      label: 'Open terminal',
      icon: 'terminal',
      ...(refusal === null ? {} : { disabledReason: refusal }),
      onSelect: () =>
        void navigate({
          to: '/terminal',
          search: (before) => ({ ...withoutSelection(before), service: service.id }),
        }),
    }),
    [navigate, refusal],
  );
}
