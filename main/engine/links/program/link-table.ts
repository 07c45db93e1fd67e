import { Expiry } from './expiry.ts';
import { Link } from './link.ts';
import { LinkError, linkErrors } from './link-error.ts';
import { formatAddress, resolveListen } from './listen-address.ts';
import { type ProxyInput, readProxies, readProxy, readProxyChange, readToxic, readToxicChange } from './read-input.ts';
import type { Toxic } from './toxic.ts';

const RETRY_MS = 50;
const MAX_LINKS = 5000;
const MAX_TOXICS = 100;

/** The links of this process and what may be done to them. Changes are made one after another. */
export class LinkTable {
  readonly #links = new Map<string, Link>();
  readonly #expiry = new Expiry();
  #last: Promise<unknown> = Promise.resolve();

  all(): Link[] {
    return [...this.#links.values()];
  }

  /** @throws LinkError when there is none */
  get(name: string): Link {
    const link = this.#links.get(name);
    if (!link) throw linkErrors.proxyNotFound();
    return link;
  }

  create(body: unknown): Promise<Link> {
    return this.#inTurn(async () => {
      const input = readProxy(body);
      if (this.#links.has(input.name)) throw linkErrors.proxyExists();
      return this.#add(input);
    });
  }

  /** Creates links, or replaces those whose addresses are others. `done` has those before a failure. */
  populate(body: unknown): Promise<{ done: Link[]; error: LinkError | null }> {
    return this.#inTurn(async () => {
      const done: Link[] = [];
      try {
        for (const input of readProxies(body)) {
          const existing = this.#links.get(input.name);
          if (existing && !(await differs(existing, input))) {
            if (input.http !== undefined) existing.countsHttp = input.http;
            done.push(existing);
            continue;
          }
          if (existing) this.#drop(existing);
          done.push(await this.#add(input));
        }
        return { done, error: null };
      } catch (error) {
        return { done, error: asLinkError(error) };
      }
    });
  }

  update(name: string, body: unknown): Promise<Link> {
    return this.#inTurn(async () => {
      const link = this.get(name);
      const input = readProxyChange(body, link);
      if (await differs(link, input)) {
        link.stop();
        link.setUpstream(input.upstream);
        link.listen = input.listen;
      }
      this.#expiry.cancel(link);
      if (input.http !== undefined) link.countsHttp = input.http;
      if (input.enabled) await started(link);
      else {
        link.stop();
        link.enabledAtMs = input.expiresAtMs;
        if (input.expiresAtMs !== null) this.#expiry.at(link, input.expiresAtMs, () => void this.#enableAgain(link));
      }
      return link;
    });
  }

  remove(name: string): Promise<void> {
    return this.#inTurn(async () => this.#drop(this.get(name)));
  }

  /** Enables every link and removes every toxic. */
  reset(): Promise<void> {
    return this.#inTurn(async () => {
      for (const link of this.#links.values()) {
        this.#expiry.cancel(link);
        for (const toxic of [...link.toxics]) this.#removeToxic(link, toxic);
        await started(link);
      }
    });
  }

  /** @throws LinkError when there is none */
  toxic(name: string, toxicName: string): Toxic {
    const toxic = this.get(name).toxics.find((candidate) => candidate.name === toxicName);
    if (!toxic) throw linkErrors.toxicNotFound();
    return toxic;
  }

  addToxic(name: string, body: unknown): Promise<Toxic> {
    return this.#inTurn(async () => {
      const link = this.get(name);
      const toxic = readToxic(body);
      if (link.toxics.some((other) => other.name === toxic.name)) throw linkErrors.toxicExists();
      if (link.toxics.length >= MAX_TOXICS) throw linkErrors.tooMany(`toxics on a proxy: ${MAX_TOXICS}`);
      link.addToxic(toxic);
      this.#expire(link, toxic);
      return toxic;
    });
  }

  updateToxic(name: string, toxicName: string, body: unknown): Promise<Toxic> {
    return this.#inTurn(async () => {
      const link = this.get(name);
      const toxic = this.toxic(name, toxicName);
      const shareBefore = toxic.toxicity;
      readToxicChange(body, toxic);
      link.updateToxic(toxic, toxic.toxicity !== shareBefore);
      this.#expire(link, toxic);
      return toxic;
    });
  }

  removeToxic(name: string, toxicName: string): Promise<void> {
    return this.#inTurn(async () => this.#removeToxic(this.get(name), this.toxic(name, toxicName)));
  }

  /** Closes every link. */
  close(): void {
    for (const link of this.all()) this.#drop(link);
  }

  async #add(input: ProxyInput): Promise<Link> {
    if (this.#links.size >= MAX_LINKS) throw linkErrors.tooMany(`proxies: ${MAX_LINKS}`);
    const link = new Link(input.name, input.listen, input.upstream);
    link.countsHttp = input.http ?? false;
    if (input.enabled) await started(link);
    this.#links.set(link.name, link);
    return link;
  }

  #drop(link: Link): void {
    this.#expiry.cancel(link);
    for (const toxic of link.toxics) this.#expiry.cancel(toxic);
    link.stop();
    this.#links.delete(link.name);
  }

  #expire(link: Link, toxic: Toxic): void {
    this.#expiry.cancel(toxic);
    if (toxic.expiresAtMs !== null) this.#expiry.at(toxic, toxic.expiresAtMs, () => this.#removeToxic(link, toxic));
  }

  #removeToxic(link: Link, toxic: Toxic): void {
    this.#expiry.cancel(toxic);
    link.removeToxic(toxic);
  }

  /** Somebody else may have the port for a moment: it is tried until the link listens again or was changed. */
  #enableAgain(link: Link): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#links.get(link.name) !== link || link.enabled) return;
      try {
        await link.start();
      } catch {
        this.#expiry.at(link, Date.now() + RETRY_MS, () => void this.#enableAgain(link));
      }
    });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#last.then(act);
    this.#last = result.catch(() => {});
    return result;
  }
}

async function started(link: Link): Promise<void> {
  try {
    await link.start();
  } catch (error) {
    throw asLinkError(error, link.listen);
  }
}

async function differs(link: Link, { listen, upstream }: { listen: string; upstream: string }): Promise<boolean> {
  if (link.upstream !== upstream) return true;
  if (link.listen === listen) return false;
  return formatAddress(await resolveListen(listen)) !== link.listen;
}

/** What the operating system refuses, in the words that Go has for it. */
const osErrors: Readonly<Record<string, string>> = {
  EADDRINUSE: 'bind: address already in use',
  EACCES: 'bind: permission denied',
  EADDRNOTAVAIL: "bind: can't assign requested address",
  ENOTFOUND: 'no such host',
};

function asLinkError(error: unknown, listen?: string): LinkError {
  if (error instanceof LinkError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new LinkError(
    500,
    listen === undefined ? message : `listen tcp ${listen}: ${osErrors[code ?? ''] ?? message}`,
  );
}
