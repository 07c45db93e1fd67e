import { z } from 'zod';

/** A value of an experiment's configuration that may be given when it is started. */
export const ExperimentVariable = z.object({
  name: z.string(),
  /** `json`: a list or a mapping. */
  type: z.enum(['text', 'number', 'integer', 'boolean', 'json']),
  /** What the file has, as text that may be given back; null: nothing, so that it has to come from elsewhere. */
  default: z.string().nullable(),
  /** The variable of the environment that counts before the default; null: it is fixed in the file. */
  environment: z.string().nullable(),
});
export type ExperimentVariable = z.infer<typeof ExperimentVariable>;

const WANTED: Readonly<Record<ExperimentVariable['type'], string>> = {
  text: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  json: 'JSON, a list or a mapping',
};

/** The value that a text stands for, of the variable's type; undefined where it is not of that type. */
export function variableValue({ type }: Pick<ExperimentVariable, 'type'>, text: string): unknown {
  if (type === 'text') return text;
  try {
    const value: unknown = JSON.parse(text);
    if (type === 'integer') return Number.isInteger(value) ? value : undefined;
    return typeof value === (type === 'json' ? 'object' : type) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with a text that is given for a variable, in a clause; null where nothing is. */
export function variableProblem(variable: Pick<ExperimentVariable, 'name' | 'type'>, text: string): string | null {
  if (variableValue(variable, text) !== undefined) return null;
  const not = text.trim() === '' ? 'empty' : text;
  return `the variable ${variable.name} is ${WANTED[variable.type]} in the file, not ${not}`;
}
