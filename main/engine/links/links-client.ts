import type { z } from 'zod';
import { FlotillaError } from '../../contract/index.ts';
import {
  type LinkSpec,
  type LinkStats,
  Links,
  LinksInfo,
  LinkView,
  Populated,
  Refused,
  Stats,
  type ToxicSpec,
  ToxicView,
} from './views.ts';

const TIMEOUT_MS = 5000;

interface CallOptions {
  /** Statuses that are no refusals. */
  readonly allowed?: readonly number[];
  readonly timeoutMs?: number;
}

/**
 * Calls the control API of the links program. Every call rejects with FlotillaError: LINKS_UNREACHABLE when it does not
 * answer, LINKS_REFUSED with the program's own words when it does not do what is asked.
 */
export class LinksClient {
  readonly url: string;
  readonly #token: string | null;

  constructor(url: string, token: string | null) {
    this.url = url;
    this.#token = token;
  }

  info(timeoutMs = TIMEOUT_MS): Promise<LinksInfo> {
    return this.#call(LinksInfo, 'GET', '/flotilla/info', undefined, { timeoutMs });
  }

  async links(): Promise<LinkView[]> {
    return Object.values(await this.#call(Links, 'GET', '/proxies'));
  }

  create(spec: LinkSpec): Promise<LinkView> {
    return this.#call(LinkView, 'POST', '/proxies', spec);
  }

  /** Creates links, and replaces those whose addresses are others; the rest is left alone, with its faults. */
  async populate(specs: readonly LinkSpec[]): Promise<LinkView[]> {
    return (await this.#call(Populated, 'POST', '/populate', specs)).proxies;
  }

  /** Changes a link; with `enabled: false`, connections are refused, and after `ttlMs` no more. */
  update(name: string, change: Partial<Omit<LinkSpec, 'name'>> & { ttlMs?: number }): Promise<LinkView> {
    return this.#call(LinkView, 'PATCH', pathOf(name), change);
  }

  async remove(name: string): Promise<void> {
    await this.#send('DELETE', pathOf(name));
  }

  addToxic(link: string, toxic: ToxicSpec): Promise<ToxicView> {
    return this.#call(ToxicView, 'POST', `${pathOf(link)}/toxics`, toxic);
  }

  updateToxic(link: string, toxic: string, change: Omit<ToxicSpec, 'name' | 'type' | 'stream'>): Promise<ToxicView> {
    return this.#call(ToxicView, 'PATCH', pathOf(link, toxic), change);
  }

  /** Whether it was there: one that has ended by itself is as well removed. */
  async removeToxic(link: string, toxic: string): Promise<boolean> {
    const response = await this.#send('DELETE', pathOf(link, toxic), undefined, { allowed: [404] });
    return response.status !== 404;
  }

  /** Removes every toxic and enables every link. */
  async reset(): Promise<void> {
    await this.#send('POST', '/reset');
  }

  /** What was counted, by the link's name: one cheap call. */
  stats(): Promise<Record<string, LinkStats>> {
    return this.#call(Stats, 'GET', '/flotilla/stats');
  }

  async #call<T>(
    schema: z.ZodType<T>,
    method: string,
    path: string,
    body?: unknown,
    options?: CallOptions,
  ): Promise<T> {
    const response = await this.#send(method, path, body, options);
    return schema.parse(await response.json());
  }

  async #send(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Response> {
    const { allowed = [], timeoutMs = TIMEOUT_MS } = options;
    const response = await this.#fetch(method, path, body, timeoutMs);
    if (response.ok || allowed.includes(response.status)) return response;
    const text = await response.text();
    const detail = refusalIn(text) ?? `${response.status} ${text.trim()}`;
    throw new FlotillaError('LINKS_REFUSED', { detail });
  }

  async #fetch(method: string, path: string, body: unknown, timeoutMs: number): Promise<Response> {
    try {
      return await fetch(new URL(path, this.url), {
        method,
        headers: {
          'Content-Type': 'application/json',
          ...(this.#token === null ? {} : { 'X-Flotilla-Token': this.#token }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      const { message, cause } = error as Error;
      const detail = cause instanceof Error ? cause.message : message;
      throw new FlotillaError('LINKS_UNREACHABLE', { url: this.url, cause: detail });
    }
  }
}

const pathOf = (link: string, toxic?: string): string =>
  `/proxies/${encodeURIComponent(link)}${toxic === undefined ? '' : `/toxics/${encodeURIComponent(toxic)}`}`;

function refusalIn(text: string): string | null {
  try {
    return Refused.parse(JSON.parse(text)).error;
  } catch {
    return null;
  }
}
