import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
} from '@tanstack/react-query';
import type { Api, ApiInput, ApiOutput, CallName } from '../../main/contract/index.ts';
import { toastDone, toastError } from '../ui/toasts.ts';
import { useClient } from './engine-context.tsx';

type QueryName = { [N in CallName]: Api[N]['kind'] extends 'query' ? N : never }[CallName];
type MutationName = Exclude<CallName, QueryName>;

export interface CallOptions {
  /** Ask again whenever telemetry arrived: for ranges that end now. */
  readonly live?: boolean;
  /** Ask again every so many milliseconds, while the page is seen: for what no pulse tells of. */
  readonly everyMs?: number;
  readonly enabled?: boolean;
  /** Show the last answer while a new question is under way. Default: yes. */
  readonly keepPrevious?: boolean;
  /** The answer holds for as long as the page does. */
  readonly lasts?: boolean;
  /** What the answer hangs on besides the input: with another one it is asked again. */
  readonly about?: string;
}

/** A query of the engine as a TanStack query, cached by name and input. */
export function useCall<N extends QueryName>(
  name: N,
  input: ApiInput<N>,
  options: CallOptions = {},
): UseQueryResult<ApiOutput<N>> {
  const client = useClient();
  return useQuery<ApiOutput<N>>({
    queryKey: options.about === undefined ? [name, input] : [name, input, options.about],
    queryFn: ({ signal }) => client.call(name, input, signal).then(orNull),
    meta: { live: options.live === true },
    // Live answers differ each time: comparing them deep costs more than it saves.
    structuralSharing: options.live !== true,
    enabled: options.enabled ?? true,
    ...(options.everyMs ? { refetchInterval: options.everyMs } : {}),
    ...(options.lasts ? { staleTime: Number.POSITIVE_INFINITY } : {}),
    ...(options.keepPrevious === false ? {} : { placeholderData: keepPreviousData }),
  });
}

/** TanStack Query takes `undefined` for a mistake. */
function orNull<T>(value: T): T {
  return value === undefined ? (null as T) : value;
}

/** Something that changes the fleet or the engine. A failure becomes a toast; `done` makes one of success too. */
export function useAct<N extends MutationName>(
  name: N,
  done?: (output: ApiOutput<N>, input: ApiInput<N>) => string | null,
): UseMutationResult<ApiOutput<N>, Error, ApiInput<N>> {
  const client = useClient();
  return useMutation<ApiOutput<N>, Error, ApiInput<N>>({
    mutationFn: (input) => client.call(name, input),
    onError: toastError,
    onSuccess: (output, input) => {
      const text = done?.(output, input);
      if (text) toastDone(text);
    },
  });
}
