import { FlotillaError, variableProblem, variableValue } from '../../../contract/index.ts';
import { experimentVariable } from './experiment-variable.ts';
import type { Experiment } from './model.ts';

/**
 * Values that a person gave as text for the configuration, each of the type that the file has there.
 * @throws FlotillaError BAD_REQUEST for a key that the file does not have, or text that is not of its type
 */
export function givenVariables(
  { configuration }: Pick<Experiment, 'configuration'>,
  given: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([key, text]) => {
      if (!Object.hasOwn(configuration, key)) {
        const known = Object.keys(configuration).join(', ') || 'none';
        throw new FlotillaError('BAD_REQUEST', { detail: `the experiment has no variable ${key}; it has: ${known}` });
      }
      const variable = experimentVariable(key, configuration[key]);
      const problem = variableProblem(variable, text);
      if (problem !== null) throw new FlotillaError('BAD_REQUEST', { detail: problem });
      return [key, variableValue(variable, text)];
    }),
  );
}
