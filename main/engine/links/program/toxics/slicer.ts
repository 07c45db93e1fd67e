import type { Receiver, StageHost } from '../stage.ts';
import { type TimedItem, TimedStage } from './timed-stage.ts';

export interface SlicerAttributes {
  /** Bytes. */
  average_size: number;
  size_variation: number;
  /** Microseconds between two slices. Under a millisecond several slices leave in the same millisecond. */
  delay: number;
}

/** The least slice, so that one chunk never becomes tens of thousands of writes. */
const LEAST_BYTES = 1;

/** Cuts data into slices of `average_size` ± `size_variation` bytes, `delay` apart. */
export class SlicerStage extends TimedStage {
  readonly #attributes: SlicerAttributes;

  constructor(host: StageHost, next: Receiver, attributes: SlicerAttributes) {
    super(host, next);
    this.#attributes = attributes;
  }

  protected override due(_item: TimedItem, previousMs: number): number {
    return Math.max(performance.now(), previousMs > 0 ? previousMs + this.#attributes.delay / 1000 : 0);
  }

  protected override pieces(chunk: Buffer): Buffer[] {
    const { average_size: average, size_variation: variation } = this.#attributes;
    const pieces: Buffer[] = [];
    for (let from = 0; from < chunk.length; ) {
      const size = Math.max(LEAST_BYTES, Math.round(average + (Math.random() * 2 - 1) * variation));
      pieces.push(chunk.subarray(from, from + size));
      from += size;
    }
    return pieces;
  }
}
