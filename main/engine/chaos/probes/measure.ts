import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { type FleetView, FlotillaError, isServiceUp, type Measure, type Measurement } from '../../../contract/index.ts';
import type { Ended, EndedAsked } from '../../telemetry/index.ts';

/** What is asked of the rest of the engine. */
export interface MeasureSources {
  ended(asked: EndedAsked, signal?: AbortSignal): Promise<Ended>;
  fleet(): FleetView | null;
  /** How far each consumer group is behind. Rejects when no broker answers. */
  lags(): Promise<readonly { readonly group: string; readonly lag: number }[]>;
}

type Asked = z.output<typeof Measure>;

const POLL_MS = 500;

/** The bounds that a person reads and the value are in the same unit. */
const UNITS: Readonly<Record<Asked['metric'], string>> = {
  rate: '/s',
  'error-rate': ' %',
  p50: ' ms',
  p95: ' ms',
  p99: ' ms',
  'unhealthy-services': '',
  'consumer-lag': '',
};

/**
 * One number of the fleet, and whether it is within its bounds; with `withinSeconds` the first that is, or the last one that
 * was not.
 * @throws FlotillaError FLEET_NOT_LOADED, SERVICE_UNKNOWN, BAD_REQUEST, and with `require` MEASURE_NOT_MET
 */
export async function measure(asked: Asked, sources: MeasureSources, signal: AbortSignal): Promise<Measurement> {
  const deadline = performance.now() + asked.withinSeconds * 1000;
  for (;;) {
    const { value, nothing, about = '' } = await look(asked, sources, signal);
    const met = value !== null && value <= (asked.atMost ?? value) && value >= (asked.atLeast ?? value);
    const leftMs = deadline - performance.now();
    if (met || leftMs <= 0) {
      const summary = summarise(asked, value, nothing, about);
      if (!met && asked.require) throw new FlotillaError('MEASURE_NOT_MET', { summary });
      return { value, met, summary };
    }
    await delay(Math.min(POLL_MS, leftMs), undefined, { signal });
  }
}

/** `nothing` says why there is no value. */
interface Found {
  readonly value: number | null;
  readonly nothing: string;
  /** What is behind the value: which services. */
  readonly about?: string;
}

async function look(asked: Asked, sources: MeasureSources, signal: AbortSignal): Promise<Found> {
  const { metric, service } = asked;
  const fleet = sources.fleet();
  if (fleet === null) throw new FlotillaError('FLEET_NOT_LOADED');
  if (service !== undefined && !fleet.services.some((one) => one.id === service)) {
    throw new FlotillaError('SERVICE_UNKNOWN', { service, known: fleet.services.map((one) => one.id).join(', ') });
  }
  if (metric === 'unhealthy-services') {
    const meant = fleet.services.filter((one) => service === undefined || one.id === service);
    const down = meant.filter((one) => !isServiceUp(one));
    const about = down
      .map(({ id, reason }) => (reason === null ? id : `${id}: ${reason.replace(/\.$/, '')}`))
      .join('; ');
    return { value: down.length, nothing: '', about };
  }
  if (metric === 'consumer-lag') return lagOf(asked, sources);
  if (asked.operation !== undefined && service === undefined)
    throw new FlotillaError('BAD_REQUEST', { detail: 'an operation is one of a service, and none is named' });
  const ended = await sources.ended(
    { seconds: asked.seconds, service: service ?? null, operation: asked.operation },
    signal,
  );
  if (metric === 'rate') return { value: ended.count / ended.seconds, nothing: '' };
  const share = ended.count === 0 ? null : ended.errors / ended.count;
  const value = { 'error-rate': share, p50: ended.p50Ms, p95: ended.p95Ms, p99: ended.p99Ms }[metric];
  return { value, nothing: 'there were no requests' };
}

async function lagOf({ group }: Asked, sources: MeasureSources): Promise<Found> {
  const found = await sources
    .lags()
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (typeof found === 'string') return { value: null, nothing: found };
  const meant = found.filter((one) => group === undefined || one.group === group);
  if (group !== undefined && meant.length === 0) {
    const known = found.map((one) => one.group).join(', ') || 'none';
    return { value: null, nothing: `there is no consumer group ${group}; there are: ${known}` };
  }
  return { value: meant.reduce((sum, one) => sum + one.lag, 0), nothing: '' };
}

/** `p95 of gateway over 15 s is 212 ms, at most 300 ms is asked.` */
function summarise(asked: Asked, value: number | null, nothing: string, about: string): string {
  const { atMost, atLeast } = asked;
  const show = (number: number): string => {
    const shown = asked.metric === 'error-rate' ? number * 100 : number;
    return `${Number(shown.toFixed(Math.abs(shown) < 10 ? 2 : Math.abs(shown) < 100 ? 1 : 0))}${UNITS[asked.metric]}`;
  };
  const wanted = [
    ...(atLeast === undefined ? [] : [`at least ${show(atLeast)}`]),
    ...(atMost === undefined ? [] : [`at most ${show(atMost)}`]),
  ];
  const bounds = wanted.length === 0 ? '' : `, ${wanted.join(' and ')} is asked`;
  return `${subjectOf(asked)} is ${value === null ? `not known: ${nothing.replace(/\.$/, '')}` : show(value)}${about === '' ? '' : ` (${about})`}${bounds}.`;
}

function subjectOf({ metric, service, operation, group, seconds }: Asked): string {
  if (metric === 'unhealthy-services')
    return service === undefined
      ? 'The number of unhealthy services'
      : `Whether ${service} is unhealthy (1) or not (0)`;
  if (metric === 'consumer-lag') return `The lag of ${group ?? 'all consumer groups'}`;
  const name = { rate: 'Rate', 'error-rate': 'Error rate', p50: 'p50', p95: 'p95', p99: 'p99' }[metric];
  const whose = [service ?? 'the fleet', ...(operation === undefined ? [] : [operation])].join(' ');
  return `${name} of ${whose} over ${Number(seconds.toFixed(1))} s`;
}
