import type { TelemetryPulse } from '../../contract/index.ts';
import { Waiters } from '../waiters.ts';

type Counts = Omit<TelemetryPulse, 'seq'>;

/** The newest counts, and a way to wait for newer ones. */
export class Pulse {
  private current: TelemetryPulse = {
    seq: 0,
    spans: 0,
    logs: 0,
    metricPoints: 0,
    dropped: 0,
    storeBytes: 0,
    newestMs: null,
  };
  private readonly waiters = new Waiters();

  get value(): TelemetryPulse {
    return this.current;
  }

  set(counts: Counts): TelemetryPulse {
    this.current = { ...counts, seq: this.current.seq + 1 };
    this.waiters.wake();
    return this.current;
  }

  /** The counts as they are, then whenever they changed; a slow reader misses what lies between. */
  async *follow(signal: AbortSignal): AsyncIterable<TelemetryPulse> {
    let seen = -1;
    while (!signal.aborted) {
      if (this.current.seq > seen) {
        seen = this.current.seq;
        yield this.current;
        continue;
      }
      await this.waiters.wait(signal);
    }
  }
}
