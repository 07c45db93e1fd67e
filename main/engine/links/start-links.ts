import type { LinksClient } from './links-client.ts';
import {
  endProgram,
  findProgram,
  isAlive,
  type ProcessOptions,
  type RunningProgram,
  startProgram,
} from './links-process.ts';
import type { LinkSpec, LinkView } from './views.ts';

const WATCH_MS = 200;

export interface LinksOptions extends ProcessOptions {
  /**
   * The program had died and runs again, with the links of `setLinks` on their ports. Faults are not brought back: whoever
   * keeps account of them decides that.
   */
  onRestart?(links: readonly LinkView[]): void;
  /** It died and could not be started again; it is tried further. */
  onFailure?(error: unknown): void;
}

/** The links of a fleet, as long as the engine wants them. */
export interface LinksHandle {
  /** Where Toxiproxy's clients may call, too. It is the same after a restart. */
  readonly url: string;
  readonly pid: number;
  readonly isAdopted: boolean;
  readonly client: LinksClient;
  /** Makes the program's links these, and remembers them: what is there and the same is left alone, with its faults. */
  setLinks(specs: readonly LinkSpec[]): Promise<LinkView[]>;
  /** Leaves the program running, for the next engine. */
  release(): void;
  /** Ends the program and with it every connection. */
  stop(): Promise<void>;
}

/**
 * Takes over the links program that an engine before left, or starts one; and starts it again when it dies.
 * @throws FlotillaError LINKS_FAILED
 */
export async function startLinks(options: LinksOptions): Promise<LinksHandle> {
  let running: RunningProgram = (await findProgram(options.stateFile)) ?? (await startProgram(options));
  let wanted: LinkSpec[] = [];
  let isStopped = false;
  let isRestarting = false;

  const restartIfGone = async (): Promise<void> => {
    isRestarting = true;
    try {
      if ((await isAlive(running)) || isStopped) return;
      running = await startProgram({ ...options, port: Number(new URL(running.url).port) });
      const links = await running.client.populate(wanted);
      if (isStopped) await endProgram(running, options.stateFile);
      else options.onRestart?.(links);
    } catch (error) {
      options.onFailure?.(error);
    } finally {
      isRestarting = false;
    }
  };
  const timer = setInterval(() => {
    if (!isRestarting && !isStopped) void restartIfGone();
  }, WATCH_MS);
  timer.unref();
  const end = (): void => {
    isStopped = true;
    clearInterval(timer);
  };

  return {
    get url() {
      return running.url;
    },
    get pid() {
      return running.pid;
    },
    get isAdopted() {
      return running.isAdopted;
    },
    get client() {
      return running.client;
    },
    async setLinks(specs) {
      const names = new Set(specs.map(({ name }) => name));
      const { client } = running;
      for (const { name } of await client.links()) if (!names.has(name)) await client.remove(name);
      const links = await client.populate(specs);
      const listens = new Map(links.map(({ name, listen }) => [name, listen]));
      wanted = specs.map((spec) => ({ ...spec, listen: listens.get(spec.name) ?? spec.listen }));
      return links;
    },
    release: end,
    async stop() {
      end();
      await endProgram(running, options.stateFile);
    },
  };
}
