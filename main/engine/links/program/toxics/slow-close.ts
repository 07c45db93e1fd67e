import { type Receiver, Stage, type StageHost } from '../stage.ts';

export interface SlowCloseAttributes {
  /** Milliseconds. */
  delay: number;
}

/** Lets data pass, and passes its end on only after `delay`. */
export class SlowCloseStage extends Stage {
  readonly #attributes: SlowCloseAttributes;
  #endedMs: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(host: StageHost, next: Receiver, attributes: SlowCloseAttributes) {
    super(host, next);
    this.#attributes = attributes;
  }

  push(chunk: Buffer): void {
    this.next.push(chunk);
  }

  end(): void {
    this.#endedMs = performance.now();
    this.#wait();
  }

  override updated(): void {
    if (this.#endedMs !== null) this.#wait();
  }

  override removed(): void {
    this.dispose();
    if (this.#endedMs !== null) this.next.end();
  }

  override dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(): void {
    this.dispose();
    const leftMs = (this.#endedMs ?? 0) + this.#attributes.delay - performance.now();
    this.#timer = setTimeout(() => this.next.end(), Math.max(0, leftMs));
  }
}
