import type { ExperimentVariable } from '../../../contract/index.ts';

/** What an entry of an experiment's configuration is as a variable: of which type, and where its value is from. */
export function experimentVariable(name: string, value: unknown): ExperimentVariable {
  const source = fromEnvironment(value);
  if (source === null) return { name, type: typeOf(value), default: textOf(value), environment: null };
  const { key, env_var_type: kind, default: otherwise } = source;
  const type = TYPES[String(kind)] ?? (kind === undefined ? typeOf(otherwise ?? '') : 'text');
  return { name, type, default: otherwise === undefined ? null : textOf(otherwise), environment: String(key) };
}

const TYPES: Readonly<Record<string, ExperimentVariable['type']>> = { int: 'integer', float: 'number', json: 'json' };

function typeOf(value: unknown): ExperimentVariable['type'] {
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value as 'number' | 'boolean';
  return typeof value === 'object' ? 'json' : 'text';
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

interface EnvironmentSource {
  readonly type?: unknown;
  readonly key?: unknown;
  readonly env_var_type?: unknown;
  readonly default?: unknown;
}

function fromEnvironment(value: unknown): EnvironmentSource | null {
  if (typeof value !== 'object' || value === null) return null;
  const source: EnvironmentSource = value;
  return source.type === 'env' ? source : null;
}
