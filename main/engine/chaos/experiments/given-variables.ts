import { FlotillaError } from '../../../contract/index.ts';
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
      return [key, convert(key, text, typeOf(configuration[key]))];
    }),
  );
}

function typeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  const { type, env_var_type: kind, default: otherwise } = value as Record<string, unknown>;
  if (type !== 'env') return 'object';
  if (kind === 'int' || kind === 'float') return 'number';
  if (kind === 'json') return 'object';
  return kind === undefined ? typeof (otherwise ?? '') : 'string';
}

function convert(key: string, text: string, type: string): unknown {
  if (type === 'string' || type === 'undefined') return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === type) return value;
  } catch {
    // Said below.
  }
  const wanted = type === 'object' ? 'JSON' : `a ${type}`;
  throw new FlotillaError('BAD_REQUEST', { detail: `the variable ${key} is ${wanted} in the file, not ${text}` });
}
