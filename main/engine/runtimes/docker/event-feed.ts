import { setTimeout as sleep } from 'node:timers/promises';
import type Dockerode from 'dockerode';
import { z } from 'zod';
import { LineSplitter } from '../process/line-splitter.ts';
import { engineWords } from './docker-errors.ts';

/** What is read of an event (https://docs.docker.com/engine/api/v1.41/#operation/SystemEvents). */
const Message = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }),
  timeNano: z.number().default(0),
});

export interface ContainerEvent {
  /** `die`, `start`, `health_status: healthy`. */
  readonly action: string;
  readonly containerId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly timeMs: number;
}

export interface EventListener {
  event(event: ContainerEvent): void;
  /** The engine's events can be followed (again): whatever happened until now is to be looked at. */
  connected(): void;
  /** The engine is gone; it is tried again and again until `close`. */
  lost(detail: string): void;
}

type EventStream = NodeJS.ReadableStream & { destroy(): void };

const ACTIONS = ['start', 'die', 'oom', 'kill', 'stop', 'pause', 'unpause', 'destroy', 'health_status'];
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 2000;
/** Over a network an engine may vanish without a word. */
const PING_MS = 10_000;
const PING_PATIENCE_MS = 8000;

/** The events of some containers, for as long as it takes. */
export class EventFeed {
  readonly #docker: Dockerode;
  readonly #filters: Readonly<Record<string, readonly string[]>>;
  readonly #listener: EventListener;
  readonly #over = new AbortController();
  #stream: EventStream | null = null;
  #isLost = false;

  constructor(docker: Dockerode, filters: Readonly<Record<string, readonly string[]>>, listener: EventListener) {
    this.#docker = docker;
    this.#filters = filters;
    this.#listener = listener;
  }

  /** Resolves when it follows, or when the engine has turned out to be gone. */
  start(): Promise<void> {
    return new Promise((resolve) => void this.#run(resolve));
  }

  close(): void {
    this.#over.abort();
    this.#stream?.destroy();
  }

  async #run(tried: () => void): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#over.signal.aborted) {
      try {
        await this.#follow(() => {
          retryMs = FIRST_RETRY_MS;
          this.#isLost = false;
          this.#listener.connected();
          tried();
        });
        this.#lose('it closed its events');
      } catch (error) {
        this.#lose(engineWords(error));
      }
      tried();
      await sleep(retryMs, undefined, { signal: this.#over.signal }).catch(() => undefined);
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
    }
  }

  #lose(detail: string): void {
    if (this.#over.signal.aborted || this.#isLost) return;
    this.#isLost = true;
    this.#listener.lost(detail);
  }

  async #follow(connected: () => void): Promise<void> {
    const filters = { ...this.#filters, type: ['container'], event: ACTIONS };
    // dockerode's types know fewer actions than engines have.
    const options = { filters } as unknown as Dockerode.GetEventsOptions;
    const stream = (await this.#docker.getEvents(options)) as EventStream;
    this.#stream = stream;
    if (this.#over.signal.aborted) stream.destroy();
    const ping = setInterval(() => void this.#ping(stream), PING_MS);
    ping.unref();
    try {
      connected();
      const lines = new LineSplitter();
      for await (const chunk of stream) for (const line of lines.push(chunk as Buffer)) this.#take(line);
    } finally {
      clearInterval(ping);
      this.#stream = null;
    }
  }

  async #ping(stream: { destroy(): void }): Promise<void> {
    const ping = this.#docker.ping as unknown as (options: { abortSignal: AbortSignal }) => Promise<unknown>;
    const asked = ping.call(this.#docker, { abortSignal: AbortSignal.timeout(PING_PATIENCE_MS) });
    await asked.catch(() => stream.destroy());
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      return;
    }
    const parsed = Message.safeParse(json);
    if (!parsed.success) return;
    const { Action, Actor, timeNano } = parsed.data;
    const event = { action: Action, containerId: Actor.ID, attributes: Actor.Attributes, timeMs: timeNano / 1e6 };
    this.#listener.event(event);
  }
}
