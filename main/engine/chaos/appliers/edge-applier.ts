import { setTimeout as delay } from 'node:timers/promises';
import { FlotillaError, linkName } from '../../../contract/index.ts';
import { allSettled } from '../../all-settled.ts';
import { attributesProblem, type LinksClient } from '../../links/index.ts';
import type { FaultApplier } from '../faults/faults.ts';
import type { LedgerEntry } from '../faults/ledger.ts';
import type { Overlap } from './overlap.ts';
import { toxicOf } from './toxic-of.ts';

/** How long to wait for a links program that is being started again. */
const PATIENCE_MS = 3000;
const AGAIN_MS = 100;

/** The links of the fleet that is there. */
export interface FaultLinks {
  readonly edges: readonly { readonly from: string; readonly to: string; readonly port: number }[];
  readonly client: LinksClient;
}

export interface EdgeApplierOptions {
  /**
   * The links of a run; null when there are none: their program ended with the fleet, and every fault on them.
   * @throws FlotillaError when they cannot be reached now
   */
  links(runId: string): FaultLinks | null;
  readonly overlap: Overlap;
}

/** A fault on an edge goes on every link of it, under the fault's id, and ends there by itself though the engine dies. */
export class EdgeApplier implements FaultApplier {
  readonly #options: EdgeApplierOptions;

  constructor(options: EdgeApplierOptions) {
    this.#options = options;
  }

  async before(fault: LedgerEntry): Promise<Record<string, unknown>> {
    const toxic = toxicOf(fault.kind, fault.parameters);
    const problem = toxic === null ? null : attributesProblem(toxic.type, toxic.attributes);
    if (problem === null) return {};
    throw new FlotillaError('FAULT_PARAMETER', {
      kind: fault.kind,
      detail: problem,
      expected: 'what its description says',
    });
  }

  apply(fault: LedgerEntry): Promise<void> {
    const apply = (): Promise<void> => this.#withPatience(() => this.#putOn(fault));
    return isRefusal(fault) ? this.#options.overlap.inTurn(fault, apply) : apply();
  }

  async #putOn(fault: LedgerEntry): Promise<void> {
    const links = this.#options.links(fault.runId);
    if (links === null) throw new FlotillaError('FLEET_NOT_LOADED');
    const toxic = toxicOf(fault.kind, fault.parameters);
    await allSettled(
      linksOf(fault, links).map((link) =>
        toxic === null
          ? this.#setRefusing(links, link, fault)
          : putToxic(links.client, link, { ...toxic, name: fault.id, ...ttlOf(fault.untilMs) }),
      ),
    );
  }

  revert(fault: LedgerEntry): Promise<void> {
    const revert = (): Promise<void> => this.#withPatience(() => this.#takeOff(fault));
    return isRefusal(fault) ? this.#options.overlap.ending(fault, revert) : revert();
  }

  async #takeOff(fault: LedgerEntry): Promise<void> {
    const links = this.#options.links(fault.runId);
    if (links === null) return;
    await allSettled(
      linksOf(fault, links).map(
        (link): Promise<unknown> =>
          isRefusal(fault) ? this.#setRefusing(links, link, fault) : links.client.removeToxic(link, fault.id),
      ),
    );
  }

  /** Of a fault whose kind is not known: whatever it was on a link, a toxic has its id. */
  takeOffUnknown(fault: LedgerEntry): Promise<void> {
    return this.#withPatience(async () => {
      const links = this.#options.links(fault.runId);
      if (links === null) return;
      await allSettled(linksOf(fault, links).map((link) => links.client.removeToxic(link, fault.id)));
    });
  }

  /**
   * Leaves nothing on any link and opens all, whoever put it there: Toxiproxy's own clients write into no ledger.
   * @param links asked again after a moment while their program is away; null where there are none
   * @throws FlotillaError LINKS_UNREACHABLE, LINKS_REFUSED
   */
  clear(links: () => Pick<FaultLinks, 'client'> | null): Promise<void> {
    return this.#withPatience(async () => links()?.client.reset());
  }

  /** A program that has died is back in a moment, without its faults, and has its links a moment later. */
  async #withPatience(work: () => Promise<void>): Promise<void> {
    const deadlineMs = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isAway(error) || Date.now() > deadlineMs) throw error;
        await delay(AGAIN_MS);
      }
    }
  }

  async #setRefusing(links: FaultLinks, link: string, fault: LedgerEntry): Promise<void> {
    const standing = this.#options.overlap.standing(fault).filter((one) => linksOf(one, links).includes(link));
    if (standing.length === 0) {
      await links.client.update(link, { enabled: true }).catch((error: unknown) => {
        // It is made anew, and open.
        if (!isLinkMissing(error)) throw error;
      });
      return;
    }
    const last = Math.max(...standing.map((one) => one.untilMs ?? Number.POSITIVE_INFINITY));
    await links.client.update(link, { enabled: false, ...ttlOf(Number.isFinite(last) ? last : null) });
  }
}

/** Toxiproxy's words for a link that is not there; with Flotilla it is only not there yet. */
const isLinkMissing = (error: unknown): boolean =>
  error instanceof FlotillaError && error.code === 'LINKS_REFUSED' && error.details.detail === 'proxy not found';

const isAway = (error: unknown): boolean =>
  isLinkMissing(error) || (error instanceof FlotillaError && error.code === 'LINKS_UNREACHABLE');

const isRefusal = ({ kind, parameters }: LedgerEntry): boolean => toxicOf(kind, parameters) === null;

function ttlOf(untilMs: number | null): { ttlMs?: number } {
  return untilMs === null ? {} : { ttlMs: Math.max(0, untilMs - Date.now()) };
}

/** Names of the links that a fault is on. */
export function linksOf({ target }: Pick<LedgerEntry, 'target'>, { edges }: Pick<FaultLinks, 'edges'>): string[] {
  if (target.kind !== 'edge') return [];
  return edges
    .filter(({ from, to, port }) => from === target.from && to === target.to && port === (target.port ?? port))
    .map(({ from, to, port }) => linkName(from, to, port));
}

/** One that is there already, as after a restart that only seemed to be one, is replaced. */
async function putToxic(
  client: LinksClient,
  link: string,
  toxic: Parameters<LinksClient['addToxic']>[1] & { readonly name: string },
): Promise<void> {
  await client.removeToxic(link, toxic.name);
  await client.addToxic(link, toxic);
}
