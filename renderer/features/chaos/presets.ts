import type { FaultKind } from '../../../main/contract/index.ts';
import { faultText } from '../../app/faults.ts';
import { DEFAULT_LASTS, type Prepared } from './prepared-fault.ts';

interface Wanted {
  readonly kind: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly lasts?: string;
  /** Only where calls are known to be requests of HTTP or gRPC, or only where they are not. */
  readonly on?: 'requests' | 'bytes';
  /** In the place of the fault's own words. */
  readonly text?: string;
}

/**
 * What people reach for first, in that order. Those whose kind does not fit or is not known are left out. A share of connections
 * is all or nothing to who holds one connection, as callers of gRPC do: where there are requests the share is of them.
 */
const PRESETS: readonly Wanted[] = [
  {
    kind: 'http-delay',
    values: { latencyMs: '2000', percent: '50' },
    lasts: '30',
    on: 'requests',
    text: 'Latency 2 s, 50 % of requests',
  },
  { kind: 'latency', values: { latencyMs: '2000', percent: '50' }, lasts: '30', on: 'bytes' },
  { kind: 'latency', values: { latencyMs: '200', jitterMs: '100' } },
  { kind: 'http-abort', values: { status: '503', percent: '30' }, on: 'requests' },
  { kind: 'refuse', lasts: '30' },
  { kind: 'reset', values: { percent: '20' } },
  { kind: 'hang', lasts: '30' },
  { kind: 'pause', lasts: '30' },
  { kind: 'kill' },
  { kind: 'stop', lasts: '30' },
  { kind: 'postgres-connections', lasts: '30' },
  { kind: 'redis-expire' },
];

export interface Preset {
  /** `Latency 2 s, 50 %, for 30 s` */
  readonly text: string;
  readonly prepared: Prepared;
}

/** The presets for kinds of faults; `areRequests`: on calls that are requests of HTTP or gRPC. */
export function presetsFor(kinds: readonly FaultKind[], areRequests: boolean): Preset[] {
  return PRESETS.flatMap(({ kind: name, values = {}, lasts = DEFAULT_LASTS, on, text }) => {
    const kind = kinds.find((one) => one.kind === name);
    if (!kind || (on !== undefined && (on === 'requests') !== areRequests)) return [];
    const parameters = Object.fromEntries(
      kind.parameters.map((spec) => {
        const value = values[spec.name] ?? spec.default ?? '';
        return [spec.name, spec.type === 'number' || spec.type === 'integer' ? Number(value) : value];
      }),
    );
    const span = kind.isMoment || lasts === DEFAULT_LASTS ? '' : `, for ${lasts} s`;
    const words = text ?? faultText({ kind: name, parameters }, kinds);
    return [{ text: `${words}${span}`, prepared: { kind: name, values, lasts } }];
  });
}
