import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client, SubscriptionHandlers } from '../../../main/client/index.ts';
import { type ApiInput, type ApiOutput, FlotillaError } from '../../../main/contract/index.ts';
import { lines } from './line.fixture.ts';
import { LogFeed } from './log-feed.ts';

type Batch = ApiOutput<'logs.tail'>;

/** An engine with stored lines 0 to `stored`, whose live tail the test plays. */
function fakeEngine(stored: number) {
  const tails: { input: ApiInput<'logs.tail'>; send: (batch: Batch) => void; ended: boolean }[] = [];
  const credits: number[] = [];
  const engine = { stored, tails, credits, fail: null as FlotillaError | null };
  const client = {
    async call(name: string, input: never) {
      if (name === 'logs.credit') {
        credits.push((input as ApiInput<'logs.credit'>).credits);
        return undefined;
      }
      if (engine.fail) throw engine.fail;
      const { limit = 500, beforeSeq = Number.POSITIVE_INFINITY } = input as ApiInput<'logs.search'>;
      return lines(0, engine.stored)
        .filter((one) => one.seq < beforeSeq)
        .slice(-limit);
    },
    subscribe(_: string, input: ApiInput<'logs.tail'>, handlers: SubscriptionHandlers<Batch>) {
      const tail = { input, send: handlers.onData, ended: false };
      tails.push(tail);
      return () => {
        tail.ended = true;
      };
    },
  } as unknown as Client;
  return { ...engine, client, set: (error: FlotillaError | null) => Object.assign(engine, { fail: error }), engine };
}

describe('LogFeed', () => {
  const frames: (() => void)[] = [];
  const nextFrame = (run: () => void) => {
    frames.push(run);
    return () => frames.splice(frames.indexOf(run), 1);
  };
  const draw = () => {
    for (const run of frames.splice(0)) run();
  };
  const seqs = (feed: LogFeed) => feed.rows.lines().map((one) => one.seq);
  const opened = async (stored: number, capacity = 50) => {
    const fake = fakeEngine(stored);
    const feed = new LogFeed(fake.client, { capacity, nextFrame });
    feed.open({ query: '', range: { lastMs: 60_000 } });
    await vi.waitFor(() => expect(feed.state().phase).toBe('ready'));
    return {
      ...fake,
      feed,
      send: (batch: Omit<Batch, 'streamId'>) => fake.tails.at(-1)?.send({ streamId: 's', ...batch }),
    };
  };
  beforeEach(() => frames.splice(0));
  afterEach(() => vi.restoreAllMocks());

  it('follows from the last line that it found, and shows what came once a frame', async () => {
    const { feed, tails, send } = await opened(10);
    expect(tails[0]?.input.afterSeq).toBe(9);
    send({ lines: lines(10, 2), skipped: 0 });
    send({ lines: lines(15, 1), skipped: 3 });
    expect(frames).toHaveLength(1);
    expect(feed.rows.count).toBe(10);
    draw();
    expect(feed.rows.count).toBe(14);
    expect(feed.rows.at(12)).toEqual({ skipped: 3 });
  });

  it('gives credits back for what was shown, in portions', async () => {
    const { feed, credits, send } = await opened(0);
    send({ lines: lines(0, 1500), skipped: 0 });
    draw();
    feed.shown();
    expect(credits).toEqual([]);
    send({ lines: lines(1500, 900), skipped: 0 });
    feed.shown();
    expect(credits).toEqual([]);
    draw();
    feed.shown();
    expect(credits).toEqual([2400]);
  });

  it('leaves the lines of a reader who looked away from the end where they are', async () => {
    const { feed, send } = await opened(40, 50);
    feed.setFollow(false);
    send({ lines: lines(40, 5), skipped: 2 });
    draw();
    expect(feed.state()).toMatchObject({ fresh: 7, detached: false });
    send({ lines: lines(47, 30), skipped: 0 });
    draw();
    expect(seqs(feed)[0]).toBe(0);
    expect(feed.state()).toMatchObject({ fresh: 37, detached: true });
  });

  it('reads anew when a reader comes back to an end that it has let go', async () => {
    const { feed, tails, send, engine } = await opened(40, 50);
    feed.setFollow(false);
    send({ lines: lines(40, 30), skipped: 0 });
    draw();
    engine.stored = 70;
    feed.setFollow(true);
    await vi.waitFor(() => expect(feed.state()).toMatchObject({ phase: 'ready', detached: false, fresh: 0 }));
    expect(seqs(feed).at(-1)).toBe(69);
    expect(tails.map((tail) => tail.ended)).toEqual([true, false]);
    expect(feed.state().reading).toBe(2);
  });

  it('pages back to the first line', async () => {
    const { feed } = await opened(1700, 20_000);
    expect(seqs(feed)[0]).toBe(700);
    await feed.loadEarlier();
    expect(seqs(feed)[0]).toBe(200);
    expect(feed.state().earlier).toBe('more');
    await feed.loadEarlier();
    expect(seqs(feed)).toHaveLength(1700);
    expect(feed.state().earlier).toBe('none');
  });

  it('keeps the last result when a search fails', async () => {
    const { feed, set } = await opened(3);
    set(new FlotillaError('TELEMETRY_RESTARTING'));
    feed.open({ query: 'x', range: { lastMs: 60_000 } });
    await vi.waitFor(() => expect(feed.state().error?.code).toBe('TELEMETRY_RESTARTING'));
    expect(feed.rows.count).toBe(3);
  });

  it('has no tail in the past', async () => {
    const fake = fakeEngine(5);
    const feed = new LogFeed(fake.client, { nextFrame });
    feed.open({ query: '', range: { fromMs: 0, toMs: 9000 } });
    await vi.waitFor(() => expect(feed.rows.count).toBe(5));
    expect(fake.tails).toEqual([]);
  });
});
