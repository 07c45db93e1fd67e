import type { FaultKind } from '../../../main/contract/index.ts';
import { faultText } from '../../app/faults.ts';
import { DEFAULT_LASTS, type Prepared } from './prepared-fault.ts';

/** What people reach for first, in that order. Those whose kind does not fit or is not known are left out. */
const PRESETS: readonly (readonly [kind: string, values: Readonly<Record<string, string>>, lasts?: string])[] = [
  ['latency', { latencyMs: '2000', percent: '50' }, '30'],
  ['latency', { latencyMs: '200', jitterMs: '100' }],
  ['http-abort', { status: '503', percent: '30' }],
  ['refuse', {}, '30'],
  ['reset', { percent: '20' }],
  ['hang', {}, '30'],
  ['pause', {}, '30'],
  ['kill', {}],
  ['stop', {}, '30'],
  ['postgres-connections', {}, '30'],
  ['redis-expire', {}],
];

export interface Preset {
  /** `Latency 2 s, 50 %, for 30 s` */
  readonly text: string;
  readonly prepared: Prepared;
}

/** The presets for kinds of faults. */
export function presetsFor(kinds: readonly FaultKind[]): Preset[] {
  return PRESETS.flatMap(([name, values, lasts = DEFAULT_LASTS]) => {
    const kind = kinds.find((one) => one.kind === name);
    if (!kind) return [];
    const parameters = Object.fromEntries(
      kind.parameters.map((spec) => {
        const value = values[spec.name] ?? spec.default ?? '';
        return [spec.name, spec.type === 'number' || spec.type === 'integer' ? Number(value) : value];
      }),
    );
    const span = kind.isMoment || lasts === DEFAULT_LASTS ? '' : `, for ${lasts} s`;
    return [
      { text: `${faultText({ kind: name, parameters }, kinds)}${span}`, prepared: { kind: name, values, lasts } },
    ];
  });
}
