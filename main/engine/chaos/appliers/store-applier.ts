import { type FaultParameters, FlotillaError } from '../../../contract/index.ts';
import { floodTopic } from '../../kafka/index.ts';
import { type OpenTarget, openTarget, type PeekFleet, toPeekError } from '../../peek/index.ts';
import type { FaultApplier } from '../faults/faults.ts';
import type { LedgerEntry } from '../faults/ledger.ts';
import { serviceOf } from './copies.ts';
import { checkPostgres, exhaustConnections } from './stores/postgres-connections.ts';
import { checkTable, lockTable } from './stores/postgres-lock.ts';
import { expireKeys } from './stores/redis-expire.ts';

/** What a fault holds for as long as it is on: connections of this process, with which it ends. */
export interface Held {
  close(): Promise<void>;
}

interface StoreFault {
  check(at: OpenTarget, parameters: FaultParameters): Promise<void>;
  /** @param onLost what is held was lost: the server restarted, or somebody ended the connection */
  hold(at: OpenTarget, parameters: FaultParameters, onLost: () => void): Promise<Held>;
}

const nothing: Held = { close: async () => undefined };

const postgresFaults: Readonly<Record<string, StoreFault>> = {
  'postgres-connections': {
    check: checkPostgres,
    hold: (at, { leave }, onLost) => exhaustConnections(at, Number(leave), onLost),
  },
  'postgres-lock': {
    check: (at, { database, table }) => checkTable(at, String(database), String(table)),
    hold: (at, { database, table }, onLost) => lockTable(at, String(database), String(table), onLost),
  },
  'redis-expire': {
    check: async () => undefined,
    hold: async (at, { pattern }) => {
      await expireKeys(at, String(pattern));
      return nothing;
    },
  },
};

export interface StoreApplierOptions {
  /** Where stores are reached. */
  readonly fleet: PeekFleet;
  /** What a fault held was lost: it has to be put on again. */
  onLost(faultId: string): void;
}

/** Faults inside databases, caches and brokers, by connections of the engine's own: when it dies they are gone. */
export class StoreApplier implements FaultApplier {
  readonly #options: StoreApplierOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: StoreApplierOptions) {
    this.#options = options;
  }

  async before(fault: LedgerEntry): Promise<Record<string, unknown>> {
    const { kind, parameters } = fault;
    if (kind === 'kafka-flood') {
      const flood = await this.#flood(fault, false);
      await flood.close();
      return {};
    }
    await this.#at(fault, async (at) => postgresFaults[kind]?.check(at, parameters));
    return {};
  }

  async apply(fault: LedgerEntry): Promise<void> {
    await this.revert(fault);
    const held = await this.#hold(fault);
    this.#held.set(fault.id, held);
  }

  async revert({ id }: LedgerEntry): Promise<void> {
    const held = this.#held.get(id);
    this.#held.delete(id);
    await held?.close();
  }

  /** Lets go of everything. */
  close(): void {
    for (const held of this.#held.values()) void held.close();
    this.#held.clear();
  }

  async #hold(fault: LedgerEntry): Promise<Held> {
    const { kind, parameters, id } = fault;
    if (kind === 'kafka-flood') return this.#flood(fault, true);
    const onLost = (): void => {
      // What was closed on purpose is not lost.
      if (this.#held.has(id)) this.#options.onLost(id);
    };
    return this.#at(fault, async (at) => (await postgresFaults[kind]?.hold(at, parameters, onLost)) ?? nothing);
  }

  async #at<T>(fault: LedgerEntry, work: (at: OpenTarget) => Promise<T>): Promise<T> {
    const service = serviceOf(fault);
    const at = openTarget(this.#options.fleet, service);
    if (at === null) throw new FlotillaError('SERVICE_NOT_RUNNING', { service });
    try {
      return await work(at);
    } catch (error) {
      throw error instanceof FlotillaError ? error : toPeekError(error, at);
    }
  }

  #flood(fault: LedgerEntry, writes: boolean): Promise<Held> {
    const service = serviceOf(fault);
    const port = this.#options.fleet
      .model()
      ?.services.find((one) => one.id === service)
      ?.ports.find((one) => one.protocol === 'kafka');
    const at = port === undefined ? null : this.#options.fleet.reach(service, port.name);
    if (at === null) throw new FlotillaError('SERVICE_NOT_RUNNING', { service });
    const { topic, messagesPerSecond, sizeBytes } = fault.parameters;
    return floodTopic({
      service,
      at,
      topic: String(topic),
      messagesPerSecond: writes ? Number(messagesPerSecond) : 0,
      sizeBytes: Number(sizeBytes),
    });
  }
}
