import type { FaultParameterSpec } from '../../../contract/index.ts';

type Given = Partial<Pick<FaultParameterSpec, 'min' | 'max' | 'unit' | 'default'>>;

const spec = (name: string, title: string, type: FaultParameterSpec['type'], description: string, given: Given) => ({
  name,
  title,
  type,
  description,
  unit: null,
  min: null,
  max: null,
  choices: [],
  default: null,
  ...given,
});

const HOUR_MS = 3_600_000;

export const milliseconds = (name: string, title: string, initial: number, description: string): FaultParameterSpec =>
  spec(name, title, 'integer', description, { unit: 'ms', min: 0, max: HOUR_MS, default: initial });

export const whole = (
  name: string,
  title: string,
  given: Given & { readonly min: number; readonly max: number },
  description: string,
): FaultParameterSpec => spec(name, title, 'integer', description, given);

export const decimal = (
  name: string,
  title: string,
  given: Given & { readonly min: number; readonly max: number },
  description: string,
): FaultParameterSpec => spec(name, title, 'number', description, given);

export const text = (name: string, title: string, initial: string | null, description: string): FaultParameterSpec =>
  spec(name, title, 'text', description, { default: initial });

export const choice = (
  name: string,
  title: string,
  choices: readonly [string, ...string[]],
  description: string,
): FaultParameterSpec => ({
  ...spec(name, title, 'choice', description, { default: choices[0] }),
  choices: [...choices],
});

/** Not from 0: what hits nothing is no fault, and a run with it would prove nothing. */
const SHARE = { unit: '%', min: 0.1, max: 100, default: 100 } as const;

/** Which copies of a service are hit, where the target is not one copy. */
export const blastRadius: readonly FaultParameterSpec[] = [
  whole(
    'copies',
    'Copies',
    { min: 0, max: 1000, default: 0 },
    'How many copies are hit, at random. 0: what the share says.',
  ),
  decimal('percent', 'Share', SHARE, 'Which share of the copies is hit; at least one is.'),
];

/** Which share of connections (or of requests, for faults that know them) is hit. */
export const percent = (of: 'connections' | 'requests'): FaultParameterSpec =>
  decimal('percent', 'Share', SHARE, `Which share of ${of} is hit.`);
