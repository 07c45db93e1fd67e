/** As much of a journal as Chaos Toolkit's and ours have to agree on. */
export interface Outline {
  readonly status: string;
  readonly deviated: boolean;
  readonly before: Look | null;
  readonly after: Look | null;
  readonly run: readonly Step[];
  readonly rollbacks: readonly Step[];
}
interface Look {
  readonly met: boolean;
  readonly probes: readonly Step[];
}
interface Step {
  readonly name: string;
  readonly status: string;
  readonly met: boolean | null;
  readonly http: number | null;
}

interface Activity {
  readonly activity: { readonly name: string };
  readonly status: string;
  readonly tolerance_met?: boolean;
  readonly output: { readonly status?: number } | null;
}
interface State {
  readonly steady_state_met: boolean;
  readonly probes: readonly Activity[];
}
export interface Journal {
  readonly status: string;
  readonly deviated: boolean;
  readonly steady_states: { readonly before: State | null; readonly after: State | null };
  readonly run: readonly Activity[];
  readonly rollbacks: readonly Activity[];
}

export function outlineOf(journal: Journal): Outline {
  const { before, after } = journal.steady_states;
  return {
    status: journal.status,
    deviated: journal.deviated,
    before: lookOf(before),
    after: lookOf(after),
    run: journal.run.map(stepOf),
    rollbacks: journal.rollbacks.map(stepOf),
  };
}

const lookOf = (state: State | null): Look | null =>
  state === null ? null : { met: state.steady_state_met, probes: state.probes.map(stepOf) };

const stepOf = ({ activity, status, tolerance_met, output }: Activity): Step => ({
  name: activity.name,
  status,
  met: tolerance_met ?? null,
  http: output?.status ?? null,
});
