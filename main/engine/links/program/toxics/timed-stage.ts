import { Stage } from '../stage.ts';

/** How much too early a chunk may leave: timers count whole milliseconds. */
const EARLY_MS = 0.4;

/** A piece of data, or the end of the stream, that waits for its time (`performance.now()`). */
export interface TimedItem {
  /** Null is the end of the stream. */
  readonly chunk: Buffer | null;
  readonly arrivedMs: number;
  dueMs: number;
}

/** A stage that lets data go on in order, each piece at its own time. */
export abstract class TimedStage extends Stage {
  #items: TimedItem[] = [];
  #head = 0;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | null = null;

  /** When the item leaves; never before `previousMs`, when the one before it does. Infinity: not before a change. */
  protected abstract due(item: TimedItem, previousMs: number): number;

  /** Cuts a chunk into pieces that leave at times of their own. */
  protected pieces(chunk: Buffer): Buffer[] {
    return [chunk];
  }

  push(chunk: Buffer): void {
    for (const piece of this.pieces(chunk)) this.#add(piece);
    this.#run();
  }

  end(): void {
    this.#add(null);
    this.#run();
  }

  override updated(): void {
    this.#lastDueMs = 0;
    for (let index = this.#head; index < this.#items.length; index += 1) {
      const item = this.#items[index];
      if (item) this.#schedule(item);
    }
    this.#run();
  }

  override removed(): void {
    this.#stopTimer();
    while (this.#head < this.#items.length) this.#release();
  }

  override dispose(): void {
    this.#stopTimer();
    this.#items = [];
    this.#head = 0;
  }

  #add(chunk: Buffer | null): void {
    const item = { chunk, arrivedMs: performance.now(), dueMs: 0 };
    this.#schedule(item);
    this.#items.push(item);
    this.held += chunk?.length ?? 0;
  }

  #schedule(item: TimedItem): void {
    const due = item.chunk ? this.due(item, this.#lastDueMs) : this.#lastDueMs;
    item.dueMs = Math.max(this.#lastDueMs, due);
    this.#lastDueMs = item.dueMs;
  }

  #run(): void {
    this.#stopTimer();
    const wasFull = this.held > this.limit;
    for (let item = this.#items[this.#head]; item; item = this.#items[this.#head]) {
      const waitMs = item.dueMs - performance.now();
      if (waitMs > EARLY_MS) {
        if (waitMs !== Number.POSITIVE_INFINITY) this.#startTimer(waitMs);
        break;
      }
      this.#release();
    }
    if (wasFull && this.held <= this.limit) this.host.relieved();
  }

  #release(): void {
    const item = this.#items[this.#head];
    this.#head += 1;
    if (this.#head === this.#items.length || this.#head > 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    if (!item) return;
    this.held -= item.chunk?.length ?? 0;
    if (item.chunk) this.next.push(item.chunk);
    else this.next.end();
  }

  #startTimer(waitMs: number): void {
    this.#timer = setTimeout(() => this.#run(), Math.min(Math.max(1, Math.floor(waitMs)), 2 ** 31 - 1));
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
