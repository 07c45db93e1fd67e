import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useService } from '../../app/engine-context.tsx';
import { formatSelection, type Selection } from '../../app/url-state.ts';
import { keepShared, useSelection, useSetConsoleSearch, withoutSelection } from '../../app/use-console-search.ts';
import { useServiceActions } from '../../app/use-service-actions.tsx';
import type { MenuGroups, MenuItem } from '../../ui/index.ts';
import { useTerminalItem } from '../terminal/index.tsx';
import { edgeSearch } from './edge-search.ts';
import { useTopology } from './use-topology.ts';

/** What can be done with what the menu was opened on. */
export function useNodeMenu(): {
  groups: MenuGroups;
  setSubject: (subject: Selection | null) => void;
  confirm: ReactNode;
} {
  const [subject, setSubject] = useState<Selection | null>(null);
  const { select } = useSelection();
  const set = useSetConsoleSearch();
  const navigate = useNavigate();
  const actions = useServiceActions();
  const terminalItem = useTerminalItem();
  const { data: topology } = useTopology();
  const service = useService(subject?.kind === 'node' ? subject.id : null);

  const go = (to: '/logs' | '/traces', q: string) =>
    void navigate({ to, search: (before) => ({ ...keepShared(before), q }) });
  if (!subject)
    return {
      groups: [[{ label: 'Nothing here', disabledReason: 'Use it on a node or on an edge.', onSelect: () => {} }]],
      setSubject,
      confirm: actions.confirm,
    };

  const breaking: MenuItem = {
    label: 'Break this …',
    icon: 'chaos',
    onSelect: () => set({ sel: formatSelection(subject), tab: 'break', fault: undefined }),
  };
  const details: MenuItem = { label: 'Details', icon: 'eye', keys: 'Space', onSelect: () => select(subject) };
  if (subject.kind === 'edge') {
    const nodeOf = (id: string) => topology?.nodes.find((node) => node.id === id);
    const [from, to] = [nodeOf(subject.from), nodeOf(subject.to)];
    const traces: MenuItem[] =
      from && to
        ? [
            {
              label: `Traces to ${to.label}`,
              icon: 'traces',
              onSelect: () => go('/traces', edgeSearch(from, to).query),
            },
          ]
        : [];
    return { groups: [[details, ...traces], [breaking]], setSubject, confirm: actions.confirm };
  }
  const look: MenuItem[] = service
    ? [
        details,
        {
          label: 'Open the service',
          icon: 'services',
          keys: 'Enter',
          onSelect: () =>
            void navigate({ to: '/services/$serviceId', params: { serviceId: service.id }, search: withoutSelection }),
        },
        { label: 'Logs', icon: 'logs', onSelect: () => go('/logs', `service:${service.id}`) },
        { label: 'Traces', icon: 'traces', onSelect: () => go('/traces', `service:${service.id}`) },
        terminalItem(service),
      ]
    : [details];
  const canBreak = topology?.nodes.find((node) => (node.id as string) === subject.id)?.service != null;
  const acts = service ? actions.menuItems(service) : [];
  return { groups: [look, acts, canBreak ? [breaking] : []], setSubject, confirm: actions.confirm };
}
