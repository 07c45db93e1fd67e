import type { Receiver, StageHost } from '../stage.ts';
import { type TimedItem, TimedStage } from './timed-stage.ts';

export interface BandwidthAttributes {
  /** Kilobytes (1,000 bytes) a second; 0 lets nothing through. */
  rate: number;
}

/** Data leaves in pieces of as many milliseconds. */
const PIECE_MS = 20;

/** A line of limited rate: a piece arrives when its last byte does. */
export class BandwidthStage extends TimedStage {
  readonly #attributes: BandwidthAttributes;

  constructor(host: StageHost, next: Receiver, attributes: BandwidthAttributes) {
    super(host, next);
    this.#attributes = attributes;
  }

  protected override due({ chunk }: TimedItem, previousMs: number): number {
    const { rate } = this.#attributes;
    if (rate <= 0) return Number.POSITIVE_INFINITY;
    return Math.max(previousMs, performance.now()) + (chunk?.length ?? 0) / rate;
  }

  protected override pieces(chunk: Buffer): Buffer[] {
    const bytes = Math.max(1, Math.floor(this.#attributes.rate * PIECE_MS));
    if (this.#attributes.rate <= 0 || chunk.length <= bytes) return [chunk];
    const pieces: Buffer[] = [];
    for (let from = 0; from < chunk.length; from += bytes) pieces.push(chunk.subarray(from, from + bytes));
    return pieces;
  }
}
