import type { ActivityRun, SteadyState } from './journal.ts';
import type { Hypothesis, ProbeTolerance } from './model.ts';
import { type ActivityContext, outputOf, runActivity } from './run-activity.ts';
import { judge } from './tolerance.ts';

/**
 * Looks at every probe of the hypothesis, in order, until one is not as it should be. That one is the last of `probes`.
 * @throws BrokenOffError
 */
export async function runHypothesis(
  hypothesis: Hypothesis,
  contextOf: (index: number) => ActivityContext,
): Promise<SteadyState> {
  const state: SteadyState = { steady_state_met: null, probes: [] };
  for (const [index, probe] of hypothesis.probes.entries()) {
    const context = contextOf(index);
    const run = await runActivity(probe, context, state.probes);
    const met = run.status === 'succeeded' && (await holds(run));
    run.tolerance_met = met;
    context.onActivity(run);
    if (!met) {
      state.steady_state_met = false;
      return state;
    }

    async function holds(of: ActivityRun): Promise<boolean> {
      if (context.dry === 'probes' || context.dry === 'activities') return true;
      const { met: within, reason } = await judge(probe.tolerance, of.output, context.variables, (one, value) =>
        askProbe(one, value, context),
      );
      of.tolerance_reason = reason;
      return within;
    }
  }
  state.steady_state_met = true;
  return state;

  /** A tolerance that is a probe of its own gets what is judged as its argument `value`. */
  function askProbe({ activity }: ProbeTolerance, value: unknown, context: ActivityContext): Promise<unknown> {
    const variables = new Map(context.variables).set('value', value);
    const { provider } = activity;
    const given = provider.arguments ?? {};
    const isMapping = typeof given === 'object' && !Array.isArray(given);
    const asked = isMapping ? { ...provider, arguments: { ...given, value } } : provider;
    return outputOf({ ...activity, provider: asked }, { ...context, variables });
  }
}
