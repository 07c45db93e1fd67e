import { applyEngineChange, type EngineChange, type EngineEvent, type EngineState } from '../../contract/index.ts';

import { Waiters } from '../waiters.ts';

/** Measurements come every 2 s and carry every instance: these are half an hour of an idle fleet, in about 3 MB. */
const CHANGES_KEPT = 1000;

/**
 * The one EngineState and its numbered changes. A watcher that lags behind what is kept, or that saw another engine's
 * numbers, begins again with a snapshot, so nothing is buffered for it.
 */
export class StateHub {
  #state: EngineState;
  #seq: number;
  readonly #events: Extract<EngineEvent, { kind: 'change' }>[] = [];
  readonly #waiters = new Waiters();

  /** Numbers start at a multiple of the start time, so that those of an engine before are never taken for these. */
  constructor(state: EngineState, nowMs = Date.now()) {
    this.#state = state;
    this.#seq = nowMs * 1024;
  }

  get state(): EngineState {
    return this.#state;
  }

  apply(change: EngineChange): void {
    this.#state = applyEngineChange(this.#state, change);
    this.#seq += 1;
    this.#events.push({ kind: 'change', seq: this.#seq, change });
    if (this.#events.length > CHANGES_KEPT) this.#events.splice(0, CHANGES_KEPT / 4);
    this.#waiters.wake();
  }

  /** Events after `afterSeq`, or a snapshot and then events, until the signal aborts. */
  async *watch(afterSeq: number | undefined, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    let seen = afterSeq;
    while (!signal.aborted) {
      if (seen === undefined || !this.#canResume(seen)) {
        seen = this.#seq;
        yield { kind: 'snapshot', seq: seen, state: this.#state };
        continue;
      }
      const next = this.#after(seen);
      if (next) {
        seen = next.seq;
        yield next;
        continue;
      }
      await this.#waiters.wait(signal);
    }
  }

  #canResume(seen: number): boolean {
    const oldest = this.#events[0]?.seq ?? this.#seq + 1;
    return seen <= this.#seq && seen >= oldest - 1;
  }

  #after(seen: number): EngineEvent | undefined {
    return this.#events[this.#events.length - (this.#seq - seen)];
  }
}
