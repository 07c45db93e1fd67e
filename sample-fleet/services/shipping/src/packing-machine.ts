import { setTimeout as sleep } from 'node:timers/promises';
import type { ShippingJob } from '../../../lib/messages.ts';
import { HopelessJob } from './work-queue.ts';

/** Packs an order; rejects when the machine jams, with HopelessJob where no box is big enough. */
export type Pack = (job: ShippingJob) => Promise<void>;

/** The largest carton there is. */
export const MOST_PIECES = 200;

/** A machine that takes 20 to 80 ms for an order and jams now and then. */
export function createPackingMachine(jamRate: number, random: () => number = Math.random): Pack {
  return async ({ items }) => {
    const pieces = items.reduce((sum, line) => sum + line.quantity, 0);
    if (pieces > MOST_PIECES)
      throw new HopelessJob(`no carton holds ${pieces} pieces, the largest takes ${MOST_PIECES}`);
    await sleep(20 + random() * 60);
    if (random() < jamRate) throw new Error('the packing machine has jammed');
  };
}
