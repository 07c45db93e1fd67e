import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineChange, type ErrorView, type LinkInfo, linkName, toErrorView } from '../../contract/index.ts';
import {
  endLeftProgram,
  type LinkStats,
  type LinksHandle,
  type LinksOptions,
  linksProgramFile,
  startLinks,
} from '../links/index.ts';
import { freePort, type LinkEdge, type RunLinks, type WantedLink } from '../runtimes/index.ts';
import type { FleetLinks, LinkedEdge } from './fleet.ts';
import { LinkCounts, type LinkTraffic } from './link-counts.ts';

/** Toxiproxy's own port, where its clients look, and some more. */
const CONTROL_PORTS = { from: 8474, to: 8499 };
const RETRY_MS = 1000;
const COUNT_MS = 3000;

export interface SessionLinksOptions {
  /** FLOTILLA_HOME. */
  readonly home: string;
  readonly edges: readonly LinkEdge[];
  /** Services may run already, which have the links' addresses: what fails then is told and tried again. */
  readonly isAdopted: boolean;
  onChange(change: EngineChange): void;
  /** Links were made anew and have no faults. */
  onRestart(): void;
  /** What does not work right now; null when it is well again. */
  onProblem(problem: ErrorView | null): void;
}

/** The links of one fleet from its start to its end, in a program that outlives the engine. */
export class SessionLinks implements RunLinks {
  readonly edges: readonly LinkEdge[];
  readonly #options: SessionLinksOptions;
  #handle: LinksHandle | null = null;
  #wanted: readonly WantedLink[] = [];
  #linked: readonly LinkedEdge[] = [];
  #listens: ReadonlyMap<string, string> = new Map();
  readonly #counts = new LinkCounts();
  #retry: NodeJS.Timeout | null = null;
  #counting: NodeJS.Timeout | null = null;
  #beginning: Promise<unknown> = Promise.resolve();
  #problem: ErrorView | null = null;
  #isOver = false;

  constructor(options: SessionLinksOptions) {
    this.edges = options.edges;
    this.#options = options;
  }

  async open(wanted: readonly WantedLink[]): Promise<ReadonlyMap<string, string>> {
    this.#wanted = wanted;
    this.#linked = wanted.map(linkedEdge);
    this.#listens = new Map(wanted.map((link) => [linkedEdge(link).name, link.listen]));
    if (wanted.length === 0) {
      await endLeftLinks(this.#options.home);
      return this.#listens;
    }
    const isAgain = this.#handle !== null;
    try {
      await this.#begin();
      // Those that are others now were made anew.
      if (isAgain) this.#options.onRestart();
    } catch (error) {
      if (!this.#options.isAdopted) throw error;
      this.#failed(error);
    }
    return this.#listens;
  }

  /** What stands between the services now; null while nothing does. */
  current(): FleetLinks | null {
    const handle = this.#handle;
    if (handle === null || this.#linked.length === 0) return null;
    return { client: handle.client, edges: this.#linked };
  }

  /** Every link with what it has counted. @throws FlotillaError LINKS_UNREACHABLE */
  async list(): Promise<LinkInfo[]> {
    const stats = (await this.#handle?.client.stats()) ?? {};
    return this.#wanted.map((link) => {
      const { name, port } = linkedEdge(link);
      const { from, to, protocol, upstream } = link;
      const listen = this.#listens.get(name) ?? link.listen;
      return { name, from, to, port, protocol, listen, upstream, ...counted(stats[name], countsRequests(link)) };
    });
  }

  /** What passed in a time, by the link's name. */
  traffic(fromMs: number, toMs: number): ReadonlyMap<string, LinkTraffic> {
    return this.#counts.between(fromMs, toMs);
  }

  /** Where callers connect, by the callee that this means. */
  addresses(): Map<string, { readonly service: WantedLink['to'] }> {
    return new Map(
      this.#wanted.map((link) => [this.#listens.get(linkedEdge(link).name) ?? link.listen, { service: link.to }]),
    );
  }

  /** Lets go; the program runs on. */
  async release(): Promise<void> {
    await this.#end();
    this.#handle?.release();
  }

  /** Ends the program. */
  async stop(): Promise<void> {
    await this.#end();
    if (this.#handle === null) return endLeftLinks(this.#options.home);
    await this.#handle.stop();
    this.#handle = null;
    this.#setProblem(null);
    this.#options.onChange({ kind: 'links', links: null });
  }

  /** Lets the program run on only where it ran before. */
  async abandon(): Promise<void> {
    if (this.#options.isAdopted) await this.release();
    else await this.stop();
  }

  async #begin(): Promise<void> {
    const { home, onRestart, onChange } = this.#options;
    this.#handle ??= await startOnFreePort({
      program: linksProgramFile(),
      stateFile: stateFile(home),
      onRestart: () => {
        this.#setProblem(null);
        onRestart();
      },
      onFailure: (error) => this.#setProblem(toErrorView(error)),
    });
    onChange({ kind: 'links', links: { url: this.#handle.url } });
    const links = await this.#handle.setLinks(
      this.#wanted.map((link) => ({
        name: linkedEdge(link).name,
        listen: link.listen,
        upstream: link.upstream,
        http: countsRequests(link),
      })),
    );
    this.#listens = new Map(links.map(({ name, listen }) => [name, listen]));
    this.#counting ??= setInterval(() => void this.#count(), COUNT_MS);
    this.#counting.unref();
    await this.#count();
  }

  /** While the program is away there is nothing to count. */
  async #count(): Promise<void> {
    const stats = await this.#handle?.client.stats().catch(() => null);
    if (stats) this.#counts.take(stats, Date.now());
  }

  #failed(error: unknown): void {
    this.#setProblem(toErrorView(error));
    // With a program, its own keeper goes on.
    if (this.#handle !== null || this.#isOver) return;
    this.#retry = setTimeout(() => {
      this.#beginning = this.#begin().then(
        () => {
          this.#setProblem(null);
          this.#options.onRestart();
        },
        (again: unknown) => this.#failed(again),
      );
    }, RETRY_MS);
    this.#retry.unref();
  }

  #setProblem(problem: ErrorView | null): void {
    if (problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.#options.onProblem(problem);
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    // What is just beginning sets the other timer.
    await this.#beginning;
    if (this.#counting !== null) clearInterval(this.#counting);
  }
}

/** Another program may take the port right after it was found free: that is tried again. */
async function startOnFreePort(options: Omit<LinksOptions, 'port'>): Promise<LinksHandle> {
  for (let again = 4; ; again -= 1) {
    try {
      return await startLinks({ ...options, port: await freePort(CONTROL_PORTS) });
    } catch (error) {
      if (again === 0 || !(error as Error).message.includes('EADDRINUSE')) throw error;
    }
  }
}

/** Ends a links program that an engine left in this home, and that no fleet uses. */
export async function endLeftLinks(home: string): Promise<void> {
  if (existsSync(stateFile(home))) await endLeftProgram(stateFile(home));
}

const stateFile = (home: string): string => join(home, 'links.json');

function linkedEdge({ from, to, containerPort, protocol }: LinkEdge): LinkedEdge {
  return { from, to, port: containerPort, protocol, name: linkName(from, to, containerPort) };
}

const countsRequests = ({ protocol }: LinkEdge): boolean => protocol === 'http' || protocol === 'grpc';

function counted(
  stats: LinkStats | undefined,
  hasRequests: boolean,
): Pick<LinkInfo, 'connections' | 'bytes' | 'requests'> {
  const { connections, bytes, http } = stats ?? {};
  const errors = (http?.responses['5xx'] ?? 0) + (http?.grpcErrors ?? 0);
  return {
    connections: connections ?? { open: 0, total: 0, refused: 0 },
    bytes: bytes ?? { upstream: 0, downstream: 0 },
    requests: hasRequests ? { total: http?.requests ?? 0, errors } : null,
  };
}
