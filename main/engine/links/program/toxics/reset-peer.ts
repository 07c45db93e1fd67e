import { type Receiver, Stage, type StageHost } from '../stage.ts';

export interface ResetPeerAttributes {
  /** Milliseconds from the first data on. */
  timeout: number;
}

/** Swallows the first data that comes and resets both sockets `timeout` later. */
export class ResetPeerStage extends Stage {
  readonly #attributes: ResetPeerAttributes;
  #firstMs: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(host: StageHost, next: Receiver, attributes: ResetPeerAttributes) {
    super(host, next);
    this.#attributes = attributes;
  }

  push(): void {
    this.end();
  }

  end(): void {
    if (this.#firstMs !== null) return;
    this.#firstMs = performance.now();
    this.#wait();
  }

  override updated(): void {
    if (this.#firstMs !== null) this.#wait();
  }

  /** What it swallowed is lost, so the connection cannot go on. */
  override removed(): void {
    this.dispose();
    if (this.#firstMs !== null) this.host.reset();
  }

  override dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(): void {
    this.dispose();
    const leftMs = (this.#firstMs ?? 0) + this.#attributes.timeout - performance.now();
    if (leftMs <= 0) this.host.reset();
    else this.#timer = setTimeout(() => this.host.reset(), leftMs);
  }
}
