import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type Dockerode from 'dockerode';
import type { InstanceRef, LogChunk } from '../runtime.ts';
import { engineWords, isGone, isMissing } from './docker-errors.ts';
import {
  LineAssembler,
  MultiplexedReader,
  type StampedLine,
  stampMs,
  stampSeconds,
  TerminalReader,
} from './log-frames.ts';

/** How far a log was read: the last stamp, and how many lines have it, as one stamp may have many. */
interface Position {
  readonly stamp: string;
  readonly lines: number;
}

export interface ContainerLogOptions {
  readonly docker: Dockerode;
  readonly instance: InstanceRef;
  readonly containerId: string;
  readonly tty: boolean;
  /** Where the position is kept, so that another engine goes on exactly there. */
  readonly positionFile: string;
  /** Of what it wrote before it was first seen, so many of the last lines; all when absent. */
  readonly pastLines?: number | undefined;
  /** Whether the container runs, as far as is known: then there is more to come. */
  runs(): boolean;
  log(chunk: LogChunk): Promise<void> | void;
}

const START: Position = { stamp: '', lines: 0 };
/**
 * Lines that were handed over and are not kept yet, of which a long one counts as many; beyond that the container's log waits
 * in the engine.
 */
const MOST_ON_THE_WAY = 5000;
const CHARACTERS_OF_ONE = 4096;
const DRAIN_MS = 4000;
const KEEP_MS = 2000;
const WIDTH = 160;
/** Before a log is asked for again whose stream has ended though its container runs. */
const AGAIN_MS = 1000;

type LogStream = NodeJS.ReadableStream & { destroy(error?: Error): void };

/** Follows what one container writes, past and live, each line once, also over restarts of the engine that reads. */
export class ContainerLog {
  readonly #options: ContainerLogOptions;
  readonly #file: number;
  /** What was read, and of that what is kept where a crash does not take it. */
  #read: Position;
  readonly #onTheWay: { readonly position: Position; readonly weight: number; kept: boolean }[] = [];
  #weightOnTheWay = 0;
  #roomWaiter: (() => void) | null = null;
  #following: Promise<void> | null = null;
  #again: NodeJS.Timeout | null = null;
  #stream: LogStream | null = null;
  #emptyWaiter: (() => void) | null = null;
  #closed = false;
  #isOpen = true;
  #unreadable = false;

  constructor(options: ContainerLogOptions) {
    this.#options = options;
    this.#file = openSync(options.positionFile, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#read = this.#savedPosition();
  }

  get containerId(): string {
    return this.#options.containerId;
  }

  /** Reads from where reading stopped, now and from now on; ends by itself when the container does. */
  follow(): void {
    this.#begin(true);
  }

  #begin(follow: boolean): void {
    if (this.#closed || this.#following !== null) return;
    this.#following = this.#pass(follow).finally(() => {
      this.#following = null;
      this.#goOn();
    });
  }

  /** A stream may break by itself, and one may be asked for while the one before still ends. */
  #goOn(): void {
    if (this.#closed || this.#unreadable || this.#again !== null || !this.#options.runs()) return;
    this.#again = setTimeout(() => {
      this.#again = null;
      if (this.#options.runs()) this.follow();
    }, AGAIN_MS);
    this.#again.unref();
  }

  /** Reads the rest: the container has ended. Bounded in time. */
  async drain(): Promise<void> {
    const over = new AbortController();
    const late = sleep(DRAIN_MS, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
    const rest = async (): Promise<void> => {
      await this.#following;
      // Engines may end a stream before its last lines: what is left is read once more, from the end of what is known.
      this.#begin(false);
      await this.#following;
    };
    await Promise.race([rest(), late]);
    over.abort();
  }

  /** Stops reading, and gives what is on its way a moment to be kept, so that nobody reads it again. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#again !== null) clearTimeout(this.#again);
    this.#stream?.destroy();
    this.#roomWaiter?.();
    if (this.#onTheWay.length > 0) {
      const over = new AbortController();
      const late = sleep(KEEP_MS, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
      await Promise.race([this.#empty(), late]);
      over.abort();
    }
    closeSync(this.#file);
    this.#isOpen = false;
  }

  async #pass(follow: boolean): Promise<void> {
    const { docker, containerId, tty, pastLines } = this.#options;
    const isFirst = this.#read.stamp === '';
    const since = isFirst ? {} : { since: stampSeconds(this.#read.stamp) };
    const tail = isFirst && pastLines !== undefined ? { tail: pastLines } : {};
    try {
      const asked = { follow, stdout: true, stderr: true, timestamps: true, ...since, ...tail };
      this.#stream = await openLog(docker, containerId, asked);
      if (this.#closed) this.#stream.destroy();
      await this.#readAll(this.#stream, tty ? new TerminalReader() : new MultiplexedReader());
    } catch (error) {
      if (!this.#closed && !isGone(error) && !isMissing(error)) this.#tellUnreadable(engineWords(error));
    } finally {
      this.#stream = null;
    }
  }

  async #readAll(stream: LogStream, reader: MultiplexedReader | TerminalReader): Promise<void> {
    const lines = new LineAssembler();
    // Of the stamp where reading stopped, as many lines are known as were counted.
    const from = this.#read;
    let known = from.lines;
    const isNew = (line: StampedLine): boolean => {
      if (line.stamp > from.stamp) return true;
      if (line.stamp === from.stamp && known === 0) return true;
      if (line.stamp === from.stamp) known -= 1;
      return false;
    };
    for await (const chunk of stream) {
      const found: StampedLine[] = [];
      for (const piece of reader.push(chunk as Buffer)) {
        const line = lines.push(piece);
        if (line !== null && isNew(line)) found.push(line);
      }
      if (this.#closed) return;
      this.#hand(found);
      if (this.#weightOnTheWay > MOST_ON_THE_WAY) await this.#room();
    }
    if (!this.#closed) this.#hand(lines.flush().filter(isNew));
  }

  /** In chunks of lines that one stream wrote in a row, so that the order of both streams stays. */
  #hand(lines: readonly StampedLine[]): void {
    for (let at = 0; at < lines.length; ) {
      const { stream } = lines[at] as StampedLine;
      let end = at + 1;
      while (end < lines.length && lines[end]?.stream === stream) end += 1;
      this.#deliver(stream, lines.slice(at, end));
      at = end;
    }
  }

  #deliver(stream: StampedLine['stream'], lines: readonly StampedLine[]): void {
    for (const { stamp } of lines) {
      if (stamp > this.#read.stamp) this.#read = { stamp, lines: 1 };
      else if (stamp === this.#read.stamp) this.#read = { stamp, lines: this.#read.lines + 1 };
    }
    const timesMs = lines.map((line) => stampMs(line.stamp));
    const characters = lines.reduce((total, { text }) => total + text.length, 0);
    const sent = { position: this.#read, weight: lines.length + characters / CHARACTERS_OF_ONE, kept: false };
    this.#onTheWay.push(sent);
    this.#weightOnTheWay += sent.weight;
    const { instance } = this.#options;
    const text = lines.map((line) => line.text);
    const kept = this.#options.log({ instance, stream, lines: text, timeMs: timesMs.at(-1) ?? Date.now(), timesMs });
    void Promise.resolve(kept).then(() => {
      sent.kept = true;
      this.#settle();
    });
  }

  /** Notes as read what is kept, in order: what comes after a gap has to wait for it. */
  #settle(): void {
    let position: Position | null = null;
    while (this.#onTheWay[0]?.kept) {
      const sent = this.#onTheWay.shift();
      if (sent === undefined) break;
      position = sent.position;
      this.#weightOnTheWay -= sent.weight;
    }
    if (position !== null && this.#isOpen) this.#save(position);
    if (this.#onTheWay.length === 0) this.#emptyWaiter?.();
    if (this.#weightOnTheWay < MOST_ON_THE_WAY / 2) this.#roomWaiter?.();
  }

  #empty(): Promise<void> {
    return new Promise((resolve) => {
      this.#emptyWaiter = resolve;
    });
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#roomWaiter = () => {
        this.#roomWaiter = null;
        resolve();
      };
    });
  }

  /** A container whose log cannot be read (its logging driver keeps nothing) is told of once. */
  #tellUnreadable(words: string): void {
    if (this.#unreadable) return;
    this.#unreadable = true;
    const { instance } = this.#options;
    const lines = [`WARN The log of this container cannot be read: ${words}`];
    void this.#options.log({ instance, stream: 'stderr', lines, timeMs: Date.now() });
  }

  #savedPosition(): Position {
    const buffer = Buffer.alloc(WIDTH);
    const read = readSync(this.#file, buffer, 0, WIDTH, 0);
    const [containerId, stamp = '', lines = '0'] = buffer.toString('latin1', 0, read).trim().split(' ');
    // Another container of the same instance: its log begins anew.
    if (containerId !== this.#options.containerId || !/^\d{4}-.*Z$/.test(stamp)) return START;
    return { stamp, lines: Number(lines) };
  }

  #save({ stamp, lines }: Position): void {
    try {
      writeSync(this.#file, `${this.#options.containerId} ${stamp} ${lines}`.padEnd(WIDTH), 0, 'latin1');
    } catch {
      // A full disk: until there is room an engine that dies leaves lines that the next one reads again.
    }
  }
}

/**
 * The log of a container as a stream. The library's own call gives one only with `follow`, and reads all that there is into
 * memory without.
 */
function openLog(
  docker: Dockerode,
  containerId: string,
  options: Readonly<Record<string, unknown>>,
): Promise<LogStream> {
  const dial = docker.modem.dial.bind(docker.modem) as (
    request: object,
    done: (error: unknown, stream: unknown) => void,
  ) => void;
  const path = `/containers/${containerId}/logs?`;
  const statusCodes = { 200: true, 404: 'no such container', 500: 'server error' };
  return new Promise((resolve, reject) => {
    dial({ path, method: 'GET', isStream: true, statusCodes, options }, (error, stream) => {
      if (error) reject(error as Error);
      else resolve(stream as LogStream);
    });
  });
}
