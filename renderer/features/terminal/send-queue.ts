/** What one call may carry; the contract's own bound. */
const MOST = 65_536;

/**
 * Sends text in the order it was written: one call at a time, and what comes meanwhile in the next. Calls travel apart from
 * each other, so that two at once could arrive the wrong way round.
 */
export class SendQueue {
  readonly #send: (data: string) => Promise<unknown>;
  readonly #onError: (error: unknown) => void;
  #waiting = '';
  #busy = false;
  #closed = false;

  constructor(send: (data: string) => Promise<unknown>, onError: (error: unknown) => void) {
    this.#send = send;
    this.#onError = onError;
  }

  push(data: string): void {
    if (this.#closed) return;
    this.#waiting += data;
    if (!this.#busy && this.#waiting !== '') void this.#drain();
  }

  /** Forgets what was not sent yet. */
  close(): void {
    this.#closed = true;
    this.#waiting = '';
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#waiting !== '' && !this.#closed) {
        const data = this.#waiting.slice(0, MOST);
        this.#waiting = this.#waiting.slice(data.length);
        await this.#send(data);
      }
    } catch (error) {
      // What was written into the void is not written later, when it would do something else.
      this.#waiting = '';
      if (!this.#closed) this.#onError(error);
    } finally {
      this.#busy = false;
    }
  }
}
