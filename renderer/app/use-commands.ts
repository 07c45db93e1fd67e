import { useNavigate } from '@tanstack/react-router';
import type { ServiceAction, ServiceView } from '../../main/contract/index.ts';
import type { IconName } from '../ui/icon.tsx';
import { useCalmFleet } from './engine-context.tsx';
import { setTheme, THEMES } from './theme.ts';
import { useAct } from './use-call.ts';
import { useChaosCommands } from './use-chaos-commands.ts';
import { keepShared, useSelection, useTimeRange } from './use-console-search.ts';
import { ACTION_TEXTS, actionsOf } from './use-service-actions.tsx';
import { VIEWS } from './views.ts';

/** Something that can be done by name (in the palette) or by keys. */
export interface Command {
  readonly id: string;
  readonly name: string;
  readonly group: 'Go to' | 'Services' | 'Actions' | 'Chaos' | 'Console';
  readonly icon: IconName;
  readonly keys?: string;
  /** Further words to find it by. */
  readonly words?: string;
  /** Not worth a line in the palette: it would only close it or open itself. */
  readonly keysOnly?: boolean;
  readonly run: () => void;
}

interface Doors {
  /** Whether the palette is open: what only it shows is asked for then. */
  isShown: boolean;
  openPalette: () => void;
  openSheet: () => void;
  act: (service: ServiceView, action: ServiceAction) => void;
}

/** Everything that can be done from the palette and by keys, for the fleet as it is. */
export function useCommands({ isShown, openPalette, openSheet, act }: Doors): Command[] {
  return [
    ...useViewCommands(),
    ...useServiceCommands(act),
    ...useFleetCommands(),
    ...useChaosCommands(isShown),
    ...useConsoleCommands({ openPalette, openSheet }),
  ];
}

function useViewCommands(): Command[] {
  const navigate = useNavigate();
  return VIEWS.map((view) => ({
    id: `go-${view.path}`,
    name: view.name,
    group: 'Go to',
    icon: view.icon,
    keys: view.keys,
    words: view.about,
    run: () => void navigate({ to: view.path, search: keepShared }),
  }));
}

function useServiceCommands(act: Doors['act']): Command[] {
  const navigate = useNavigate();
  const services = useCalmFleet()?.services ?? [];
  return services.flatMap((service): Command[] => [
    {
      id: `open-${service.id}`,
      name: service.id,
      group: 'Services',
      icon: 'services',
      words: `${service.kind} ${service.description}`,
      run: () => void navigate({ to: '/services/$serviceId', params: { serviceId: service.id }, search: keepShared }),
    },
    {
      id: `terminal-${service.id}`,
      name: `Open terminal in ${service.id}`,
      group: 'Actions',
      icon: 'terminal',
      words: 'shell exec',
      run: () =>
        void navigate({ to: '/terminal', search: (before) => ({ ...keepShared(before), service: service.id }) }),
    },
    ...actionsOf(service).map(
      (action): Command => ({
        id: `${action}-${service.id}`,
        name: `${ACTION_TEXTS[action].label.replace(' …', '')} ${service.id}`,
        group: 'Actions',
        icon: ACTION_TEXTS[action].icon,
        run: () => act(service, action),
      }),
    ),
  ]);
}

function useFleetCommands(): Command[] {
  const fleet = useCalmFleet();
  const up = useAct('fleet.up');
  const down = useAct('fleet.down');
  const running = fleet && (fleet.attached || fleet.state !== 'stopped');
  if (running) {
    return [
      {
        id: 'fleet-down',
        name: fleet.attached ? `Detach from ${fleet.name}` : 'Stop the fleet',
        group: 'Actions',
        icon: 'stop',
        words: 'down stop detach',
        run: () => down.mutate({}),
      },
    ];
  }
  const again = fleet ? { file: fleet.file, runtime: fleet.runtime } : {};
  const name = fleet ? `Start ${fleet.name}` : 'Start the shop';
  return [{ id: 'fleet-up', name, group: 'Actions', icon: 'play', words: 'up fleet', run: () => up.mutate(again) }];
}

function useConsoleCommands({ openPalette, openSheet }: Pick<Doors, 'openPalette' | 'openSheet'>): Command[] {
  const { goLive } = useTimeRange();
  const { selection, select } = useSelection();
  return [
    { id: 'live', name: 'Back to live', group: 'Console', icon: 'clock', keys: '.', run: () => goLive() },
    {
      id: 'search',
      name: 'Search',
      group: 'Console',
      icon: 'search',
      keys: '/',
      run: () => document.getElementById('search')?.focus(),
    },
    {
      id: 'palette',
      name: 'Command palette',
      group: 'Console',
      icon: 'keyboard',
      keys: 'Mod+K',
      keysOnly: true,
      run: openPalette,
    },
    { id: 'sheet', name: 'Keyboard shortcuts', group: 'Console', icon: 'keyboard', keys: '?', run: openSheet },
    {
      id: 'close',
      name: 'Close the drawer',
      group: 'Console',
      icon: 'close',
      keys: 'Escape',
      keysOnly: true,
      run: () => selection && select(null),
    },
    ...THEMES.map(
      (theme): Command => ({
        id: `theme-${theme.value}`,
        name: `Theme: ${theme.label}`,
        group: 'Console',
        icon: 'theme',
        run: () => setTheme(theme.value),
      }),
    ),
  ];
}
