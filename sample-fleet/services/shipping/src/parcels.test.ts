import { describe, expect, it } from 'vitest';
import type { ShippingJob, ShippingMessage } from '../../../lib/messages.ts';
import { createPackingMachine, MOST_PIECES } from './packing-machine.ts';
import { type Parcel, type ParcelStore, ParcelWorker } from './parcels.ts';
import { HopelessJob } from './work-queue.ts';

const job: ShippingJob = {
  orderId: 'o1',
  customerId: 'ada',
  items: [{ sku: 'BOX-001', quantity: 2, priceCents: 100 }],
};
const delivery = { job, source: 'shipping-jobs/0@7' };

function memoryStore(): ParcelStore {
  const parcels = new Map<string, Parcel>();
  return {
    find: async (orderId) => parcels.get(orderId),
    add: async (parcel) => {
      const kept = parcels.get(parcel.orderId) ?? parcel;
      parcels.set(parcel.orderId, kept);
      return kept;
    },
  };
}

function createWorker(pack = async (): Promise<void> => undefined) {
  const said: ShippingMessage[] = [];
  let packed = 0;
  const worker = new ParcelWorker(
    memoryStore(),
    async () => {
      packed += 1;
      await pack();
    },
    async (_topic, _key, message) => void said.push(message),
  );
  return { worker, said, packed: () => packed };
}

describe('a parcel worker', () => {
  it('packs an order once, however often its job comes, and says the same each time', async () => {
    const { worker, said, packed } = createWorker();
    await worker.work(delivery);
    await worker.work(delivery);
    expect(packed()).toBe(1);
    expect(said.map(({ type }) => type)).toEqual(['ParcelShipped', 'ParcelShipped']);
    expect(new Set(said.map(({ parcelId }) => parcelId)).size).toBe(1);
    expect(new Set(said.map(({ id }) => id)).size).toBe(1);
  });

  it('says nothing of a try that failed', async () => {
    const { worker, said } = createWorker(async () => Promise.reject(new Error('jammed')));
    await expect(worker.work(delivery)).rejects.toThrow('jammed');
    expect(said).toEqual([]);
  });

  it('says why when it gives up, and does not pack that order later', async () => {
    const { worker, said, packed } = createWorker();
    await worker.giveUp(delivery, 'jammed');
    await worker.work(delivery);
    expect(packed()).toBe(0);
    expect(said.map(({ type, reason }) => [type, reason])).toEqual([
      ['ParcelFailed', 'jammed'],
      ['ParcelFailed', 'jammed'],
    ]);
  });
});

describe('the packing machine', () => {
  it('jams as often as it is told', async () => {
    await expect(createPackingMachine(0.5, () => 0.4)(job)).rejects.toThrow('jammed');
    await expect(createPackingMachine(0.5, () => 0.6)(job)).resolves.toBeUndefined();
  });

  it('knows what no carton holds', async () => {
    const huge = { ...job, items: [{ sku: 'BOX-001', quantity: MOST_PIECES + 1, priceCents: 1 }] };
    await expect(createPackingMachine(0)(huge)).rejects.toThrow(HopelessJob);
  });
});
