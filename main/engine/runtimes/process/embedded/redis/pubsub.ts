import { compileGlob } from './glob.ts';
import { PushReply } from './reply.ts';

export interface Subscriber {
  send(message: PushReply): void;
}

/** Channels and patterns, and who listens to them. */
export class PubSub {
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #patterns = new Map<string, { matches: (channel: string) => boolean; subscribers: Set<Subscriber> }>();

  subscribe(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, subscribers.add(subscriber));
  }

  unsubscribe(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) this.#channels.delete(channel);
  }

  subscribePattern(pattern: string, subscriber: Subscriber): void {
    const known = this.#patterns.get(pattern) ?? { matches: compileGlob(pattern), subscribers: new Set() };
    known.subscribers.add(subscriber);
    this.#patterns.set(pattern, known);
  }

  unsubscribePattern(pattern: string, subscriber: Subscriber): void {
    const known = this.#patterns.get(pattern);
    known?.subscribers.delete(subscriber);
    if (known?.subscribers.size === 0) this.#patterns.delete(pattern);
  }

  /** How many got it; one that listens to a channel and a pattern gets it twice, as in Redis. */
  publish(channel: string, message: string): number {
    let receivers = 0;
    for (const subscriber of this.#channels.get(channel) ?? []) {
      subscriber.send(new PushReply(['message', channel, message]));
      receivers += 1;
    }
    for (const [pattern, { matches, subscribers }] of this.#patterns) {
      if (!matches(channel)) continue;
      for (const subscriber of subscribers) {
        subscriber.send(new PushReply(['pmessage', pattern, channel, message]));
        receivers += 1;
      }
    }
    return receivers;
  }

  channels(): string[] {
    return [...this.#channels.keys()];
  }

  subscribersOf(channel: string): number {
    return this.#channels.get(channel)?.size ?? 0;
  }

  get patternCount(): number {
    return this.#patterns.size;
  }
}
