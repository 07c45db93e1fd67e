import { FlotillaError } from '../../contract/index.ts';
import type { LinksClient } from './links-client.ts';
import {
  endDeaf,
  endProgram,
  findProgram,
  isAlive,
  type ProcessOptions,
  type RunningProgram,
  startProgram,
} from './links-process.ts';
import type { LinkSpec, LinkView } from './views.ts';
import { Watchdog } from './watchdog.ts';

const WATCH_MS = 200;
const AGAIN_MS = 1000;
/** How long the watchdog waits for an answer. */
const ANSWER_MS = 2000;

export interface LinksOptions extends ProcessOptions {
  /**
   * Links of `setLinks` were made anew, as the program had died, was ended because it hung, or did not take all of them before. Faults are not brought
   * back: whoever keeps account of them decides that.
   */
  onRestart?(links: readonly LinkView[]): void;
  /** It died and could not be started again, hangs, or did not take all links; it is tried further. */
  onFailure?(error: unknown): void;
}

/** The links of a fleet, as long as the engine wants them. */
export interface LinksHandle {
  /** Where Toxiproxy's clients may call, too. It is the same after a restart. */
  readonly url: string;
  readonly pid: number;
  readonly isAdopted: boolean;
  readonly client: LinksClient;
  /**
   * Makes the program's links these, and remembers them: what is there and the same is left alone, with its faults. Rejects
   * where one of them cannot be; the others are made all the same, and that one is tried further.
   */
  setLinks(specs: readonly LinkSpec[]): Promise<LinkView[]>;
  /** Leaves the program running, for the next engine. */
  release(): void;
  /** Ends the program and with it every connection. */
  stop(): Promise<void>;
}

/**
 * Takes over the links program that an engine before left, or starts one; and starts it again when it dies, or hangs: then it
 * would keep every call of the fleet waiting, and its faults on.
 * @throws FlotillaError LINKS_FAILED
 */
export async function startLinks(options: LinksOptions): Promise<LinksHandle> {
  let running: RunningProgram = (await findProgram(options.stateFile)) ?? (await startProgram(options));
  let wanted: LinkSpec[] = [];
  let isComplete = true;
  let isStopped = false;
  let isMending = false;
  let notBeforeMs = 0;

  const watchdog = new Watchdog({ tickMs: WATCH_MS, ask: () => running.client.info(ANSWER_MS) });

  const endIfDeaf = async (): Promise<void> => {
    if (!watchdog.isDeaf || isStopped) return;
    options.onFailure?.(new FlotillaError('LINKS_UNREACHABLE', { url: running.url, cause: 'it hangs and is ended' }));
    await endDeaf(running);
  };

  const mend = async (): Promise<void> => {
    isMending = true;
    try {
      await endIfDeaf();
      if (!(await isAlive(running))) {
        if (isStopped) return;
        isComplete = false;
        running = await startProgram({ ...options, port: Number(new URL(running.url).port) }, running);
        watchdog.reset();
      }
      if (!isComplete && !isStopped) {
        const links = await populate(running.client, wanted);
        isComplete = true;
        if (!isStopped) options.onRestart?.(links);
      }
      await watchdog.look();
    } catch (error) {
      notBeforeMs = performance.now() + AGAIN_MS;
      options.onFailure?.(error);
    } finally {
      isMending = false;
    }
  };
  let mending = Promise.resolve();
  const timer = setInterval(() => {
    watchdog.tick();
    if (!isMending && !isStopped && performance.now() >= notBeforeMs) mending = mend();
  }, WATCH_MS);
  timer.unref();
  const end = (): void => {
    isStopped = true;
    clearInterval(timer);
  };

  const replace = async (specs: readonly LinkSpec[]): Promise<LinkView[]> => {
    const { client } = running;
    const names = new Set(specs.map(({ name }) => name));
    wanted = [...specs];
    isComplete = false;
    for (const { name } of await client.links()) if (!names.has(name)) await client.remove(name);
    try {
      const links = await populate(client, specs);
      isComplete = true;
      return links;
    } finally {
      // From now on each is wanted where it is.
      const listens = new Map((await client.links()).map(({ name, listen }) => [name, listen]));
      wanted = specs.map((spec) => ({ ...spec, listen: listens.get(spec.name) ?? spec.listen }));
    }
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
      await mending;
      isMending = true;
      try {
        return await replace(specs);
      } finally {
        isMending = false;
      }
    },
    release: end,
    async stop() {
      end();
      // One that is just being started is to end, too.
      await mending;
      await endProgram(running, options.stateFile);
    },
  };
}

/** Makes all links that can be made. @throws what kept the first of the others from it */
async function populate(client: LinksClient, specs: readonly LinkSpec[]): Promise<LinkView[]> {
  try {
    return await client.populate(specs);
  } catch (error) {
    for (const spec of specs) await client.populate([spec]).catch(() => undefined);
    throw error;
  }
}
