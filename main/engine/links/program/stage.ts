/** What bytes of one direction go to: a stage, or the socket behind the last one. Chunks belong to who receives them. */
export interface Receiver {
  push(chunk: Buffer): void;
  /** No more bytes come. */
  end(): void;
}

/** What a stage may ask of the connection that it is part of. */
export interface StageHost {
  /** The stage holds less than its limit again. */
  relieved(): void;
  /** Both sockets are closed, after what was written to them. */
  close(): void;
  /** Both sockets are closed with a reset. */
  reset(): void;
}

/** A toxic at work on one direction of one connection. */
export abstract class Stage implements Receiver {
  next: Receiver;
  /** Bytes that wait here. */
  held = 0;
  /** With more than this, the source is not read on. */
  readonly limit: number;
  protected readonly host: StageHost;

  constructor(host: StageHost, next: Receiver, limit = 64 * 1024) {
    this.host = host;
    this.next = next;
    this.limit = limit;
  }

  abstract push(chunk: Buffer): void;
  abstract end(): void;

  /** The toxic's attributes were changed. */
  updated(): void {}

  /** The toxic is gone: what is held goes on at once. */
  removed(): void {}

  /** The connection is gone. */
  dispose(): void {}
}
