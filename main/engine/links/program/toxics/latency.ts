import type { Receiver, StageHost } from '../stage.ts';
import { type TimedItem, TimedStage } from './timed-stage.ts';

export interface LatencyAttributes {
  /** Milliseconds. */
  latency: number;
  jitter: number;
}

/** Much may be on its way when bandwidth is high and the way long; more than this stops the sender. */
const LIMIT_BYTES = 16 * 1024 * 1024;

/** Delays data by `latency` ± `jitter`. Order is kept: a chunk never overtakes the one before it. */
export class LatencyStage extends TimedStage {
  readonly #attributes: LatencyAttributes;

  constructor(host: StageHost, next: Receiver, attributes: LatencyAttributes) {
    super(host, next, LIMIT_BYTES);
    this.#attributes = attributes;
  }

  protected override due({ arrivedMs }: TimedItem): number {
    const { latency, jitter } = this.#attributes;
    return arrivedMs + latency + (jitter > 0 ? (Math.random() * 2 - 1) * jitter : 0);
  }
}
