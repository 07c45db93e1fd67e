import type { Receiver, Stage, StageHost } from './stage.ts';
import type { TcpEnd } from './tcp-end.ts';
import type { Toxic } from './toxic.ts';
import { toxicTypes } from './toxic-types.ts';

/**
 * One direction of a connection: bytes go through the stages of its toxics, in their order, to the sink. Without a
 * stage they are written as they come, without a copy.
 */
export class Flow {
  readonly #sink: TcpEnd;
  readonly #host: StageHost;
  readonly #last: Receiver;
  #stages: { readonly toxic: Toxic; readonly stage: Stage }[] = [];
  #first: Receiver;
  #endsByReset = false;

  constructor(sink: TcpEnd, host: StageHost) {
    this.#sink = sink;
    this.#host = host;
    this.#last = {
      push: (chunk) => sink.write(chunk),
      end: () => (this.#endsByReset ? sink.reset() : sink.finish()),
    };
    this.#first = this.#last;
  }

  /** Takes bytes that stay valid only during the call, unless `isBlocked` afterwards. */
  receive(chunk: Buffer): void {
    if (this.#stages.length === 0) this.#sink.write(chunk);
    else this.#first.push(Buffer.from(chunk));
  }

  /** No more bytes come; after a broken connection the sink is reset where otherwise it would be closed. */
  end(broken = false): void {
    this.#endsByReset = broken;
    this.#first.end();
  }

  /** Whether the source has to wait. */
  get isBlocked(): boolean {
    return this.#sink.pending > 0 || this.#stages.some(({ stage }) => stage.held > stage.limit);
  }

  /** The toxic begins on this direction; by its toxicity it may leave this connection alone. */
  add(toxic: Toxic): void {
    const make = toxicTypes[toxic.type]?.stage;
    if (!make || Math.random() >= toxic.toxicity) return;
    this.#stages.push({ toxic, stage: make(toxic, this.#host, this.#last) });
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
    this.#stages = [];
    this.#first = this.#last;
  }

  #join(): void {
    this.#stages.forEach(({ stage }, index) => {
      stage.next = this.#stages[index + 1]?.stage ?? this.#last;
    });
    this.#first = this.#stages[0]?.stage ?? this.#last;
  }
}
