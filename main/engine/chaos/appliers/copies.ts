import { z } from 'zod';
import { FlotillaError, ServiceId } from '../../../contract/index.ts';
import type { RunningFleet } from '../../fleet/index.ts';
import type { LedgerEntry } from '../faults/ledger.ts';

type Life = ReturnType<RunningFleet['supervisor']['lives']>[number];

const Chosen = z.object({ copies: z.array(z.number()) });

/** The service that a fault is on. @throws FlotillaError FAULT_TARGET for an edge, which `checkRequest` keeps away */
export function serviceOf({ kind, target }: Pick<LedgerEntry, 'kind' | 'target'>): ServiceId {
  if (target.kind === 'service') return ServiceId.parse(target.service);
  throw new FlotillaError('FAULT_TARGET', { kind, detail: 'it is an edge', possible: 'services' });
}

/** Whether it runs or is about to, and does not stand still. */
export const isAwake = ({ state }: Life): boolean => state === 'starting' || state === 'running';

/**
 * The copies that a fault is to hit, by its target and its parameters `copies` (0: as many as `percent` says) and `percent`: of
 * those that run, at random, never none.
 * @throws FlotillaError SERVICE_NOT_RUNNING
 */
export function chooseCopies(
  { target, parameters }: Pick<LedgerEntry, 'target' | 'parameters'>,
  service: string,
  lives: readonly Life[],
  random: () => number = Math.random,
): number[] {
  const wanted = target.kind === 'service' ? target.instance : undefined;
  const running = lives.map((life) => life.ref.index).filter((copy) => copy === (wanted ?? copy));
  if (running.length === 0) throw new FlotillaError('SERVICE_NOT_RUNNING', { service });
  const asked = Number(parameters.copies ?? 0);
  const share = Math.ceil((running.length * Number(parameters.percent ?? 100)) / 100);
  const count = Math.min(running.length, Math.max(1, asked > 0 ? asked : share));
  const shuffled = running.map((copy) => ({ copy, at: random() })).toSorted((a, b) => a.at - b.at);
  return shuffled
    .slice(0, count)
    .map(({ copy }) => copy)
    .toSorted((a, b) => a - b);
}

/** The copies that were chosen when a fault was put on. */
export function chosenCopies({ before }: Pick<LedgerEntry, 'before'>): readonly number[] {
  return Chosen.safeParse(before).data?.copies ?? [];
}
