import type { Receiver, Stage, StageHost } from './stage.ts';
import type { TcpEnd } from './tcp-end.ts';
import type { Toxic } from './toxic.ts';
import { toxicTypes } from './toxic-types.ts';

interface Working {
  readonly toxic: Toxic;
  readonly stage: Stage;
}

/** Most directions have no toxic, and there may be thousands. */
const NONE: readonly Working[] = [];

/** The end of a direction, behind its last stage. */
class Outlet implements Receiver {
  readonly sink: TcpEnd;
  endsByReset = false;

  constructor(sink: TcpEnd) {
    this.sink = sink;
  }

  push(chunk: Buffer): void {
    this.sink.write(chunk);
  }

  end(): void {
    if (this.endsByReset) this.sink.reset();
    else this.sink.finish();
  }
}

/**
 * One direction of a connection: bytes go through the stages of its toxics, in their order, to the sink. Without a
 * stage they are written as they come, without a copy.
 */
export class Flow {
  readonly #host: StageHost;
  readonly #last: Outlet;
  #stages = NONE;
  #first: Receiver;

  constructor(sink: TcpEnd, host: StageHost) {
    this.#host = host;
    this.#last = new Outlet(sink);
    this.#first = this.#last;
  }

  /** Takes bytes that stay valid only during the call, unless `isBlocked` afterwards. */
  receive(chunk: Buffer): void {
    if (this.#stages.length === 0) this.#last.push(chunk);
    else this.#first.push(Buffer.from(chunk));
  }

  /** No more bytes come; after a broken connection the sink is reset where otherwise it would be closed. */
  end(broken = false): void {
    this.#last.endsByReset = broken;
    this.#first.end();
  }

  /** Whether the source has to wait. */
  get isBlocked(): boolean {
    return this.#last.sink.pending > 0 || this.#stages.some(({ stage }) => stage.held > stage.limit);
  }

  /** The toxic begins on this direction; by its toxicity it may leave this connection alone. */
  add(toxic: Toxic): void {
    const make = toxicTypes[toxic.type]?.stage;
    if (!make || Math.random() >= toxic.toxicity) return;
    this.#stages = [...this.#stages, { toxic, stage: make(toxic, this.#host, this.#last) }];
    this.#join();
  }

  /** The toxic's attributes have changed, or its share of connections has: then the dice are thrown again. */
  update(toxic: Toxic, isShareChanged: boolean): void {
    const found = this.#stages.find((entry) => entry.toxic === toxic);
    if (found && (!isShareChanged || Math.random() < toxic.toxicity)) found.stage.updated();
    else if (found) this.remove(toxic);
    else if (isShareChanged) this.add(toxic);
  }

  remove(toxic: Toxic): void {
    const found = this.#stages.find((entry) => entry.toxic === toxic);
    if (!found) return;
    this.#stages = this.#stages.filter((entry) => entry !== found);
    this.#join();
    found.stage.removed();
    this.#host.relieved();
  }

  dispose(): void {
    for (const { stage } of this.#stages) stage.dispose();
    this.#stages = NONE;
    this.#first = this.#last;
  }

  #join(): void {
    this.#stages.forEach(({ stage }, index) => {
      stage.next = this.#stages[index + 1]?.stage ?? this.#last;
    });
    this.#first = this.#stages[0]?.stage ?? this.#last;
  }
}
