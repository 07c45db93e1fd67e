import type { Client } from '../../../main/client/index.ts';
import { type ErrorView, fixRange, type LogRecord, type TimeRange, toErrorView } from '../../../main/contract/index.ts';
import { LogBuffer } from './log-buffer.ts';

export const CAPACITY = 20_000;
/** Lines that may be under way: two seconds of what the list is built for, 5,000 a second. */
const CREDITS = 10_000;
/** Credits go back in portions, so that they cost a few calls a second. */
const CREDIT_PORTION = 2000;
const PAGE = 1000;
const EARLIER_PAGE = 500;

export interface FeedState {
  /** Grows with each change of rows or state. */
  readonly version: number;
  /** `idle`: nothing was asked yet. */
  readonly phase: 'idle' | 'loading' | 'ready';
  /** Grows when the rows are read anew: other lines stand at the same positions then. */
  readonly reading: number;
  readonly error: ErrorView | null;
  /** Whether the list stays at its end as lines come. */
  readonly follow: boolean;
  /** Lines that came since the reader left the end. */
  readonly fresh: number;
  readonly earlier: 'more' | 'loading' | 'none';
  /** The newest lines are not in the list any more, or yet: going to the end reads it anew. */
  readonly detached: boolean;
}

interface Question {
  readonly query: string;
  readonly range: TimeRange;
}

export interface FeedOptions {
  readonly capacity?: number;
  /** Calls back before the next picture; gives what takes that back. */
  readonly nextFrame?: (run: () => void) => () => void;
}

const animationFrame = (run: () => void): (() => void) => {
  const id = requestAnimationFrame(run);
  return () => cancelAnimationFrame(id);
};

/**
 * What the log list shows, outside of React: the lines of a search, then those that arrive, and earlier ones on demand. All
 * that arrives between two pictures is shown with the next; credits go back once it was shown, so that a page that cannot
 * keep up, or is not seen, gets fewer lines instead of a longer queue.
 */
export class LogFeed {
  readonly rows: LogBuffer;
  readonly #client: Client;
  readonly #nextFrame: (run: () => void) => () => void;
  readonly #listeners = new Set<() => void>();
  #state: FeedState = {
    version: 0,
    phase: 'idle',
    reading: 0,
    error: null,
    follow: true,
    fresh: 0,
    earlier: 'none',
    detached: false,
  };
  #question: Question | null = null;
  /** Ends what belongs to the question that is shown. */
  #session = new AbortController();
  #stopTail: (() => void) | null = null;
  #pending: { lines: readonly LogRecord[]; skipped: number }[] = [];
  #cancelFrame: (() => void) | null = null;
  #stream = '';
  #owed = 0;
  #fromMs = 0;
  #firstSeq: number | undefined;

  constructor(client: Client, options: FeedOptions = {}) {
    this.#client = client;
    this.rows = new LogBuffer(options.capacity ?? CAPACITY);
    this.#nextFrame = options.nextFrame ?? animationFrame;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly state = (): FeedState => this.#state;

  /** Asks; what was shown stays until the answer is there, or for good if the question fails. */
  open(question: Question): void {
    this.close();
    this.#question = question;
    this.#session = new AbortController();
    void this.#load(question, this.#session.signal);
  }

  /** Ends the stream; the rows stay. */
  close(): void {
    this.#session.abort();
    this.#stopTail?.();
    this.#stopTail = null;
    this.#cancelFrame?.();
    this.#cancelFrame = null;
    this.#pending = [];
  }

  setFollow(follow: boolean): void {
    if (follow === this.#state.follow) return;
    this.#set({ follow, ...(follow ? { fresh: 0 } : {}) });
    if (follow && this.#state.detached && this.#question) this.open(this.#question);
  }

  /** Puts a page of earlier lines before the first. */
  async loadEarlier(): Promise<void> {
    const question = this.#question;
    const { signal } = this.#session;
    if (!question || this.#state.earlier !== 'more' || this.#firstSeq === undefined) return;
    this.#set({ earlier: 'loading' });
    try {
      const { toMs } = fixRange(question.range, Date.now());
      const input = { query: question.query, range: { fromMs: this.#fromMs, toMs }, limit: EARLIER_PAGE };
      const found = await this.#client.call('logs.search', { ...input, beforeSeq: this.#firstSeq }, signal);
      if (signal.aborted) return;
      const dropped = this.rows.prepend(found);
      this.#firstSeq = leastSeq(found) ?? this.#firstSeq;
      this.#set({
        earlier: found.length < EARLIER_PAGE ? 'none' : 'more',
        detached: this.#state.detached || dropped > 0,
      });
    } catch (error) {
      if (!signal.aborted) this.#set({ earlier: 'more', error: toErrorView(error) });
    }
  }

  /** Says that all that came is on the screen. */
  shown(): void {
    if (this.#owed < CREDIT_PORTION) return;
    const credits = this.#owed;
    this.#owed = 0;
    // A stream that has ended needs none.
    void this.#client.call('logs.credit', { streamId: this.#stream, credits }).catch(() => {});
  }

  async #load(question: Question, signal: AbortSignal): Promise<void> {
    this.#set({ phase: 'loading' });
    try {
      const found = await this.#client.call('logs.search', { ...question, limit: PAGE }, signal);
      if (signal.aborted) return;
      this.#fromMs = fixRange(question.range, Date.now()).fromMs;
      this.#firstSeq = leastSeq(found);
      this.rows.clear();
      this.rows.append(found);
      const earlier = found.length < PAGE ? 'none' : 'more';
      const reading = this.#state.reading + 1;
      this.#set({ phase: 'ready', reading, error: null, follow: true, fresh: 0, detached: false, earlier });
      if ('lastMs' in question.range) this.#tail(question.query, greatestSeq(found));
    } catch (error) {
      if (!signal.aborted) this.#set({ phase: 'ready', error: toErrorView(error) });
    }
  }

  #tail(query: string, afterSeq: number | undefined): void {
    this.#stream = '';
    this.#stopTail = this.#client.subscribe(
      'logs.tail',
      { query, credits: CREDITS, ...(afterSeq === undefined ? {} : { afterSeq }) },
      {
        onData: ({ streamId, lines, skipped }) => {
          if (streamId !== this.#stream) {
            this.#stream = streamId;
            this.#owed = 0;
          }
          if (lines.length === 0 && skipped === 0) return;
          this.#pending.push({ lines, skipped });
          this.#cancelFrame ??= this.#nextFrame(() => this.#take());
        },
        onError: (error) => this.#set({ error: toErrorView(error) }),
      },
    );
  }

  #take(): void {
    this.#cancelFrame = null;
    const pending = this.#pending;
    this.#pending = [];
    let came = 0;
    let { detached } = this.#state;
    for (const { lines, skipped } of pending) {
      came += lines.length + skipped;
      this.#owed += lines.length;
      // A reader of earlier lines keeps them: what does not fit beside them is only counted.
      detached ||= !this.#state.follow && this.rows.count + lines.length + 1 > this.rows.capacity;
      if (detached) continue;
      if (skipped > 0) this.rows.skip(skipped);
      this.rows.append(lines);
    }
    this.#set({ detached, ...(this.#state.follow ? {} : { fresh: this.#state.fresh + came }) });
  }

  #set(change: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...change, version: this.#state.version + 1 };
    for (const listener of this.#listeners) listener();
  }
}

function leastSeq(lines: readonly LogRecord[]): number | undefined {
  return lines.length === 0 ? undefined : lines.reduce((least, line) => Math.min(least, line.seq), Number.MAX_VALUE);
}

function greatestSeq(lines: readonly LogRecord[]): number | undefined {
  return lines.length === 0 ? undefined : lines.reduce((most, line) => Math.max(most, line.seq), 0);
}
