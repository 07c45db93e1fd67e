import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { FlotillaError } from '../../../contract/index.ts';
import { portHolder } from './port-holder.ts';

const HOST = '127.0.0.1';
const SPAN = 10_000;

/** A port of an instance: which one it has, and what that rests on. */
interface Held {
  port: number;
  /** The fleet file wants this one and no other. */
  readonly asked: boolean;
  /** Some other service was told this address, so it must not change any more. */
  given: boolean;
  /** The listener that keeps others out until the service is started. */
  guard: Server | null;
}

/** A port as it is kept over a restart of the engine. */
export interface SavedPort {
  readonly port: number;
  readonly asked: boolean;
  readonly given: boolean;
}

/**
 * The ports of a run. A port is chosen by listening on it, never by looking whether it is free, and the listener is kept
 * until right before the service is started, so that nobody else gets it in between.
 */
export class Ports {
  readonly #held = new Map<string, Held>();
  readonly #home: string;
  readonly #range: { first: number; count: number };

  /** @param home the engine's: a port that is free for a moment, as its service starts anew, is not what another engine tries first */
  constructor(saved: Readonly<Record<string, SavedPort>> = {}, home = '', range = portRange()) {
    this.#home = home;
    this.#range = range;
    for (const [key, port] of Object.entries(saved)) this.#held.set(key, { ...port, guard: null });
  }

  /**
   * Chooses and holds a port under this name, unless it has one. An asked one is only noted: others may come and go.
   * @param host the address of this machine that it is for
   */
  async choose(key: string, asked: number | null, host = HOST): Promise<void> {
    if (this.#held.has(key)) return;
    if (asked !== null) {
      this.#held.set(key, { port: asked, asked: true, given: false, guard: null });
      return;
    }
    this.#held.set(key, { ...(await this.#any(key, host)), asked: false, given: false });
  }

  /** The same for a port that may be any free one of a range, both ends of it included. */
  async chooseOf(key: string, from: number, to: number): Promise<void> {
    if (this.#held.has(key)) return;
    for (let port = from; port <= to; port += 1) {
      if ([...this.#held.values()].some((held) => held.port === port)) continue;
      const listener = await guard(port);
      if (listener === null) continue;
      this.#held.set(key, { port, asked: true, given: false, guard: listener });
      return;
    }
    await this.choose(key, from);
  }

  of(key: string): number | null {
    return this.#held.get(key)?.port ?? null;
  }

  /** The port, from now on known to someone who would not hear of a change. */
  give(key: string): number | null {
    const held = this.#held.get(key);
    if (held === undefined) return null;
    held.given = true;
    return held.port;
  }

  /**
   * Makes sure that nobody else has the port, choosing another where that is still possible; holds it.
   * @throws FlotillaError PORT_TAKEN
   */
  async secure(key: string, service: string): Promise<void> {
    const held = this.#held.get(key);
    if (held === undefined || held.guard !== null) return;
    held.guard = await guard(held.port);
    if (held.guard !== null) return;
    if (!held.asked && !held.given) {
      Object.assign(held, await this.#any(key));
      return;
    }
    throw new FlotillaError('PORT_TAKEN', { port: held.port, holder: await portHolder(held.port), service });
  }

  /** Lets go of the listeners, for the service to take over at once. */
  async release(keys: readonly string[]): Promise<void> {
    await Promise.all(
      keys.map(async (key) => {
        const held = this.#held.get(key);
        const listener = held?.guard;
        if (!held || !listener) return;
        held.guard = null;
        await new Promise<void>((done) => listener.close(() => done()));
      }),
    );
  }

  /** The first of these ports that somebody holds, and who; null when all are free. */
  async taken(keys: readonly string[]): Promise<{ port: number; holder: string } | null> {
    for (const key of keys) {
      const held = this.#held.get(key);
      if (held === undefined || held.guard !== null) continue;
      const listener = await guard(held.port);
      if (listener === null) return { port: held.port, holder: await portHolder(held.port) };
      await new Promise<void>((done) => listener.close(() => done()));
    }
    return null;
  }

  saved(): Record<string, SavedPort> {
    return Object.fromEntries(
      [...this.#held].map(([key, { port, asked, given }]) => [key, { port, asked, given }] as const),
    );
  }

  async close(): Promise<void> {
    await this.release([...this.#held.keys()]);
  }

  async #any(key: string, host = HOST): Promise<{ port: number; guard: Server }> {
    const mine = new Set([...this.#held.values()].map((one) => one.port));
    // Fleets of different engines start at different places, and the same fleet tends to get the same ports again.
    const start = hash(`${this.#home} ${key}`) % this.#range.count;
    for (let n = 0; n < this.#range.count; n += 1) {
      const port = this.#range.first + ((start + n) % this.#range.count);
      if (mine.has(port)) continue;
      const listener = await guard(port, host);
      if (listener !== null) return { port, guard: listener };
    }
    const { first, count } = this.#range;
    throw new FlotillaError('INTERNAL', { detail: `every port from ${first} to ${first + count - 1} is taken` });
  }
}

/** A port that is free now: the first of these, else one that the system does not hand out by itself. */
export async function freePort({ from, to }: { from: number; to: number }): Promise<number> {
  for (let port = from; port <= to; port += 1) {
    const listener = await guard(port);
    if (listener === null) continue;
    await new Promise<void>((done) => listener.close(() => done()));
    return port;
  }
  const ports = new Ports();
  await ports.choose('', null);
  await ports.close();
  return ports.of('') ?? 0;
}

/** Listens on the port and answers nobody; null when someone else has it. */
function guard(port: number, host = HOST): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.resetAndDestroy());
    server.unref();
    server.once('error', () => resolve(null));
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

/**
 * Ports that the system does not hand out by itself for outgoing connections: those would come and go at random.
 * Linux says which it hands out; elsewhere it is 49152 and up (RFC 6335).
 */
export function portRange(): { first: number; count: number } {
  const [low = 32_768, high = 60_999] = ephemeralRange();
  const first = [20_000, 10_000, 40_000].find((one) => one + SPAN <= low || one > high) ?? 20_000;
  return { first, count: SPAN };
}

function ephemeralRange(): number[] {
  if (process.platform !== 'linux') return [49_152, 65_535];
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
