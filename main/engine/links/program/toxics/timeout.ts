import { type Receiver, Stage, type StageHost } from '../stage.ts';

export interface TimeoutAttributes {
  /** Milliseconds; 0 hangs until the toxic is removed. */
  timeout: number;
}

/**
 * Swallows all data, and closes the connection when none came for `timeout`. As data is lost, a connection that went
 * through it is closed when the toxic is removed.
 */
export class TimeoutStage extends Stage {
  readonly #attributes: TimeoutAttributes;
  #timer: NodeJS.Timeout | null = null;

  constructor(host: StageHost, next: Receiver, attributes: TimeoutAttributes) {
    super(host, next);
    this.#attributes = attributes;
    this.#wait();
  }

  push(): void {
    this.#wait();
  }

  end(): void {
    this.dispose();
    this.next.end();
  }

  override updated(): void {
    this.#wait();
  }

  override removed(): void {
    this.dispose();
    this.host.close();
  }

  override dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(): void {
    this.dispose();
    const { timeout } = this.#attributes;
    if (timeout > 0) this.#timer = setTimeout(() => this.host.close(), timeout);
  }
}
