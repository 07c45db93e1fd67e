import { z } from 'zod';
import { FlotillaError } from '../../../contract/index.ts';
import type { Experiment } from './model.ts';
import type { Variables } from './substitute.ts';

const FromEnvironment = z.object({
  type: z.literal('env'),
  key: z.string(),
  default: z.unknown().optional(),
  env_var_type: z.enum(['str', 'int', 'float', 'bytes', 'json']).optional(),
});

/**
 * The values of an experiment's configuration and secrets: literal, or out of the environment with a default and a type. What
 * is given by the caller counts before both. A secret may lie one level down, in the group of a target.
 * @throws FlotillaError EXPERIMENT_VARIABLE for a variable that is not set and has no default, BAD_REQUEST for one that is not of its type
 */
export function readVariables(
  experiment: Pick<Experiment, 'configuration' | 'secrets'>,
  environment: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, unknown>> = {},
): Variables {
  const variables = new Map<string, unknown>();
  for (const group of secretGroups(experiment)) {
    for (const [key, value] of Object.entries(group)) variables.set(key, read(key, value, environment));
  }
  for (const [key, value] of Object.entries(experiment.secrets)) variables.set(key, read(key, value, environment));
  for (const [key, value] of Object.entries(experiment.configuration)) {
    if (!Object.hasOwn(given, key)) variables.set(key, read(key, value, environment));
  }
  for (const [key, value] of Object.entries(given)) variables.set(key, value);
  return variables;
}

/** The groups of an experiment's secrets, one for each target; those that lie in none are not in them. */
export function secretGroups({ secrets }: Pick<Experiment, 'secrets'>): object[] {
  return Object.values(secrets).filter(
    (one): one is object => typeof one === 'object' && one !== null && !('type' in one),
  );
}

/** The values of an experiment's secrets, in whatever group they lie. */
export function secretsIn(experiment: Pick<Experiment, 'secrets'>, variables: Variables): unknown[] {
  const names = [experiment.secrets, ...secretGroups(experiment)].flatMap((one) => Object.keys(one));
  return names.map((name) => variables.get(name));
}

function read(key: string, value: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  const source = FromEnvironment.safeParse(value);
  if (!source.success) return value;
  const { key: variable, default: otherwise, env_var_type: type } = source.data;
  const text = environment[variable];
  if (text !== undefined) return convert(text, type, `the environment variable ${variable}`);
  if (otherwise !== undefined)
    return typeof otherwise === 'string' ? convert(otherwise, type, `the default of ${key}`) : otherwise;
  throw new FlotillaError('EXPERIMENT_VARIABLE', { variable, key });
}

function convert(text: string, type: z.output<typeof FromEnvironment>['env_var_type'], what: string): unknown {
  if (type === undefined || type === 'str' || type === 'bytes') return text;
  try {
    const value = type === 'json' ? JSON.parse(text) : text.trim() === '' ? Number.NaN : Number(text);
    if (type === 'json' || (type === 'int' ? Number.isInteger(value) : Number.isFinite(value))) return value;
  } catch {
    // Said below, without the text: it may be a secret.
  }
  const wanted = { int: 'a whole number', float: 'a number', json: 'JSON' }[type];
  throw new FlotillaError('BAD_REQUEST', { detail: `${what} is to be ${wanted} and is not` });
}
