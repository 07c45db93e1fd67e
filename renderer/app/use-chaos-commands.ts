import { useNavigate } from '@tanstack/react-router';
import { useTopology } from '../features/topology/index.tsx';
import { useCalmFleet } from './engine-context.tsx';
import { callsOf, faultText, targetText } from './faults.ts';
import { STOP_ALL_KEYS } from './stop-all.tsx';
import { formatSelection, type Selection } from './url-state.ts';
import { useAct, useCall } from './use-call.ts';
import { useChaos, useFaultKinds } from './use-chaos.ts';
import type { Command } from './use-commands.ts';
import { keepShared, useSetConsoleSearch } from './use-console-search.ts';

/** Stopping and releasing, ending what is on, breaking a call or a service, experiments. */
export function useChaosCommands(isShown: boolean): Command[] {
  return [
    ...useStopCommands(),
    ...useBreakCommands(isShown),
    ...useFaultCommands(isShown),
    ...useExperimentCommands(isShown),
  ];
}

/** Every kind of fault, where the catalogue has it: who knows its name finds it, whatever it can be put on. */
function useFaultCommands(isShown: boolean): Command[] {
  const kinds = useFaultKinds(isShown);
  const navigate = useNavigate();
  if (!isShown) return [];
  return (kinds ?? []).map(({ kind, title, description }) => ({
    id: `fault-kind-${kind}`,
    name: `Fault: ${title}`,
    group: 'Chaos',
    icon: 'chaos',
    words: `${kind} ${description}`,
    run: () =>
      void navigate({
        to: '/chaos/catalogue',
        search: (before: Record<string, unknown>) => ({ ...keepShared(before), fault: kind }),
      }),
  }));
}

function useStopCommands(): Command[] {
  const { faults, isBlocked } = useChaos();
  const kinds = useFaultKinds(faults.length > 0);
  const stop = useAct('fault.stop', () => 'All faults are off. New ones are refused until they are released.');
  const release = useAct('fault.release', () => 'Faults can be put on again.');
  const remove = useAct('fault.remove');
  const command = (id: string, name: string, run: () => void): Command => ({
    id,
    name,
    group: 'Chaos',
    icon: 'chaos',
    run,
  });
  return [
    {
      ...command('fault-stop', 'Stop all faults', () => stop.mutate(undefined)),
      keys: STOP_ALL_KEYS,
      words: 'end panic block',
    },
    ...(isBlocked ? [command('fault-release', 'Release faults', () => release.mutate(undefined))] : []),
    ...faults.map((fault) =>
      command(`end-${fault.id}`, `End ${faultText(fault, kinds)} on ${targetText(fault.target)}`, () =>
        remove.mutate({ id: fault.id }),
      ),
    ),
  ];
}

function useBreakCommands(isShown: boolean): Command[] {
  const fleet = useCalmFleet();
  const set = useSetConsoleSearch();
  const { data: topology } = useTopology(isShown);
  if (!isShown || !fleet || fleet.state === 'stopped') return [];
  const command = (selection: Selection, name: string): Command => ({
    id: `break-${formatSelection(selection)}`,
    name: `Break ${name} …`,
    group: 'Chaos',
    icon: 'chaos',
    words: 'inject fault',
    run: () => set({ sel: formatSelection(selection), tab: 'break', fault: undefined }),
  });
  return [
    ...(topology ? callsOf(topology) : []).map(({ from, to }) =>
      command({ kind: 'edge', from, to }, `${from} → ${to}`),
    ),
    ...fleet.services.map(({ id }) => command({ kind: 'node', id }, id)),
  ];
}

function useExperimentCommands(isShown: boolean): Command[] {
  const fleet = useCalmFleet();
  const navigate = useNavigate();
  const { experiment } = useChaos();
  const isRunning = experiment?.status === 'running';
  const { data } = useCall('experiment.list', undefined, { enabled: isShown && fleet !== null });
  const abort = useAct('experiment.abort', () => 'The experiment was ended and rolled back.');
  const openRun = (run: string): void => void navigate({ to: '/chaos/runs/$run', params: { run }, search: keepShared });
  const start = useAct('experiment.start', ({ id }) => {
    openRun(id);
    return null;
  });
  const base = { group: 'Chaos', icon: 'chaos' } as const;
  const ofRunning: Command[] =
    isRunning && experiment
      ? [
          { ...base, id: 'run-open', name: `Open the run of ${experiment.title}`, run: () => openRun(experiment.id) },
          { ...base, id: 'run-abort', name: `Abort ${experiment.title}`, run: () => abort.mutate(undefined) },
        ]
      : [];
  if (!isShown) return ofRunning;
  return [
    ...ofRunning,
    ...(data ?? []).flatMap(({ name, title, problem }): Command[] => [
      {
        ...base,
        id: `experiment-${name}`,
        name: `Open experiment ${title}`,
        words: name,
        run: () => void navigate({ to: '/chaos/experiments/$name', params: { name }, search: keepShared }),
      },
      ...(problem || isRunning
        ? []
        : [
            {
              ...base,
              id: `run-${name}`,
              name: `Run experiment ${title}`,
              icon: 'play' as const,
              words: name,
              run: () => start.mutate({ source: { name } }),
            },
          ]),
    ]),
  ];
}
