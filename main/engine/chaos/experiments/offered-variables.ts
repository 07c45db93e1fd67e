import type { ExperimentVariable } from '../../../contract/index.ts';
import { experimentVariable } from './experiment-variable.ts';
import { foreignValues } from './foreign-values.ts';
import type { Mask } from './mask.ts';
import type { Experiment } from './model.ts';
import { secretGroups } from './variables.ts';

const TOKEN = 'FLOTILLA_TOKEN';
/** What the engine sets itself for whatever it runs. */
const SUPPLIED: ReadonlySet<string | null> = new Set(['FLOTILLA_URL', TOKEN, 'FLOTILLA_EXPERIMENT']);

type Configured = Pick<Experiment, 'configuration' | 'secrets'>;

/**
 * The variables of an experiment that a person may be asked for, in the file's order: not what the engine supplies, nor
 * secrets, nor what only Chaos Toolkit can ask somebody for.
 */
export function offeredVariables(experiment: Configured): ExperimentVariable[] {
  const foreign = new Set(foreignValues(experiment).map(({ path: [, name] }) => name));
  const isSecret = secretsOf(experiment);
  return Object.entries(experiment.configuration)
    .filter(([name]) => !foreign.has(name))
    .map(([name, value]) => experimentVariable(name, value))
    .filter((one) => !SUPPLIED.has(one.environment) && !isSecret(one));
}

/** What is kept and shown of the values that were given: null in place of each that is a secret or has one in it. */
export function shownVariables(
  experiment: Configured,
  given: Readonly<Record<string, string>>,
  mask: Mask,
): Record<string, string | null> {
  const isSecret = secretsOf(experiment);
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => {
      const variable = experimentVariable(name, experiment.configuration[name]);
      return [name, isSecret(variable) || mask(text) !== text ? null : text];
    }),
  );
}

/** A name or a variable of the environment that stands under secrets is one wherever else it stands. */
function secretsOf(experiment: Configured): (variable: ExperimentVariable) => boolean {
  const all = [experiment.secrets, ...secretGroups(experiment)].flatMap((one) => Object.entries(one));
  const names = new Set(all.map(([name]) => name));
  const keys = new Set([TOKEN, ...all.map(([name, value]) => experimentVariable(name, value).environment)]);
  return ({ name, environment }) => names.has(name) || (environment !== null && keys.has(environment));
}
