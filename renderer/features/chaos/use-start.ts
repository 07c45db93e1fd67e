import { useNavigate } from '@tanstack/react-router';
import type { ApiInput } from '../../../main/contract/index.ts';
import { useAct } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';

/** Starts an experiment and leads to its run. */
export function useStart() {
  const navigate = useNavigate();
  const act = useAct('experiment.start');
  return {
    isStarting: act.isPending,
    start: (input: ApiInput<'experiment.start'>): void =>
      act.mutate(input, {
        onSuccess: ({ id }) => void navigate({ to: '/chaos/runs/$run', params: { run: id }, search: keepShared }),
      }),
  };
}
