import { type Receiver, Stage, type StageHost } from '../stage.ts';

export interface LimitDataAttributes {
  bytes: number;
}

/** Lets `bytes` through, counted from when the toxic came, and closes the connection then. */
export class LimitDataStage extends Stage {
  readonly #attributes: LimitDataAttributes;
  #passed = 0;

  constructor(host: StageHost, next: Receiver, attributes: LimitDataAttributes) {
    super(host, next);
    this.#attributes = attributes;
  }

  push(chunk: Buffer): void {
    const left = Math.max(0, this.#attributes.bytes - this.#passed);
    const passing = chunk.length > left ? chunk.subarray(0, left) : chunk;
    this.#passed += passing.length;
    if (passing.length > 0) this.next.push(passing);
    if (this.#passed >= this.#attributes.bytes) this.host.close();
  }

  end(): void {
    this.next.end();
  }
}
