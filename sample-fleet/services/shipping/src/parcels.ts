import { trace } from '@opentelemetry/api';
import { newShortId } from '../../../lib/ids.ts';
import { log } from '../../../lib/log.ts';
import { type ShippingJob, type ShippingMessage, TOPICS } from '../../../lib/messages.ts';
import { counter } from '../../../lib/metrics.ts';
import type { Pack } from './packing-machine.ts';
import type { Delivery, Worker } from './work-queue.ts';

export interface Parcel {
  orderId: string;
  parcelId: string;
  customerId: string;
  status: 'shipped' | 'failed';
  reason: string | null;
}

/** Where parcels are remembered: the memory that makes a job safe to be delivered twice. */
export interface ParcelStore {
  find(orderId: string): Promise<Parcel | undefined>;
  /** Stores a parcel unless the order has one; gives the one that counts. */
  add(parcel: Parcel): Promise<Parcel>;
}

export type Publish = (topic: string, key: string, message: ShippingMessage) => Promise<void>;

const parcels = counter('shipping.parcels', 'Parcels, by what became of them');

/**
 * Packs one parcel for each order, and says what became of it. A job that comes again is not packed again, but what became
 * of it is said again: the first time may have been cut short between the two.
 */
export class ParcelWorker implements Worker<ShippingJob> {
  readonly #store: ParcelStore;
  readonly #pack: Pack;
  readonly #publish: Publish;

  constructor(store: ParcelStore, pack: Pack, publish: Publish) {
    this.#store = store;
    this.#pack = pack;
    this.#publish = publish;
  }

  async work({ job, source }: Delivery<ShippingJob>): Promise<void> {
    const { orderId } = job;
    trace.getActiveSpan()?.setAttribute('order.id', orderId);
    const earlier = await this.#store.find(orderId);
    if (earlier !== undefined) {
      log.info({ 'order.id': orderId, source }, 'job came again, the order has its parcel');
      return this.#announce(earlier);
    }
    await this.#pack(job);
    const parcel = await this.#store.add({ ...newParcel(job), status: 'shipped', reason: null });
    parcels.add(1, { status: parcel.status });
    log.info({ 'order.id': orderId, parcelId: parcel.parcelId, source }, 'parcel shipped');
    await this.#announce(parcel);
  }

  async giveUp({ job }: Delivery<ShippingJob>, reason: string): Promise<void> {
    const parcel = await this.#store.add({ ...newParcel(job), status: 'failed', reason });
    parcels.add(1, { status: parcel.status });
    await this.#announce(parcel);
  }

  async #announce({ orderId, parcelId, customerId, status, reason }: Parcel): Promise<void> {
    await this.#publish(TOPICS.shippingEvents, orderId, {
      // The same each time that it is said, so that who has heard it before can tell.
      id: `${parcelId}/${status}`,
      type: status === 'shipped' ? 'ParcelShipped' : 'ParcelFailed',
      orderId,
      customerId,
      parcelId,
      ...(reason === null ? {} : { reason }),
      occurredAt: new Date().toISOString(),
    });
  }
}

function newParcel({ orderId, customerId }: ShippingJob): Pick<Parcel, 'orderId' | 'customerId' | 'parcelId'> {
  return { orderId, customerId, parcelId: newShortId('pcl') };
}
