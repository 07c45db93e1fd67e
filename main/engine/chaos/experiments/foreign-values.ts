import type { Experiment } from './model.ts';

interface ForeignValue {
  readonly path: readonly string[];
  readonly type: string;
}

/** Values that Chaos Toolkit asks a probe or a vault for while it starts. Here they pass for the mappings that they are. */
export function foreignValues({
  configuration,
  secrets,
}: Pick<Experiment, 'configuration' | 'secrets'>): ForeignValue[] {
  return [...found(configuration, ['configuration'], 'probe', 1), ...found(secrets, ['secrets'], 'vault', 2)];
}

function found(values: object, path: readonly string[], type: string, depth: number): ForeignValue[] {
  return Object.entries(values).flatMap(([key, value]): ForeignValue[] => {
    if (typeof value !== 'object' || value === null) return [];
    const at = [...path, key];
    if ((value as { type?: unknown }).type === type) return [{ path: at, type }];
    return depth > 1 ? found(value, at, type, depth - 1) : [];
  });
}
