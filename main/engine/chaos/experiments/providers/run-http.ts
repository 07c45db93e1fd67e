import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { HttpProvider } from '../model.ts';
import { substitute, type Variables } from '../substitute.ts';
import { ActivityFailedError, timeoutMs } from './activity-failed.ts';

const MOST_BYTES = 4 * 1024 * 1024;
/** As the library of Chaos Toolkit has it. */
const MOST_REDIRECTS = 30;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** What an HTTP activity gives: as Chaos Toolkit has it, a body whose type is application/json and no more is parsed. */
export interface HttpOutput {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * Sends the request of an activity. Arguments go into the query of a GET, and else into the body: as JSON where the
 * headers say so, as a form otherwise. Redirects are followed. An answer of any status is an output; tolerances judge it.
 * @throws ActivityFailedError when there is no answer, or none in time
 */
export async function runHttp(provider: HttpProvider, variables: Variables, signal: AbortSignal): Promise<HttpOutput> {
  const url = String(substitute(provider.url, variables));
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send(provider, url, variables, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (attempt < provider.maxRetries && !(error instanceof ActivityFailedError)) continue;
      if (error instanceof ActivityFailedError) throw error;
      const why = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
      throw new ActivityFailedError(`there is no answer from ${url}: ${why}`, { cause: error });
    }
  }
}

async function send(
  provider: HttpProvider,
  url: string,
  variables: Variables,
  signal: AbortSignal,
): Promise<HttpOutput> {
  const target = parseUrl(url);
  const headers = lowerCased(substitute(provider.headers, variables) as Record<string, unknown>);
  const args = substitute(provider.arguments, variables);
  const body = provider.method === 'GET' ? undefined : encode(args, headers);
  if (provider.method === 'GET') for (const [name, value] of entriesOf(args)) target.searchParams.append(name, value);
  const limitMs = timeoutMs(provider.timeout, variables);
  const timer = AbortSignal.timeout(limitMs);
  try {
    return await follow(target, { ...provider, headers, body }, AbortSignal.any([signal, timer]));
  } catch (error) {
    if (timer.aborted)
      throw new ActivityFailedError(`${url} did not answer within ${limitMs / 1000} s`, { cause: error });
    throw error;
  }
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:')) return parsed;
  throw new ActivityFailedError(`${url} is no address of HTTP`);
}

function lowerCased(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function entriesOf(args: unknown): [string, string][] {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return [];
  return Object.entries(args).flatMap(([name, value]): [string, string][] =>
    Array.isArray(value) ? value.map((one): [string, string] => [name, String(one)]) : [[name, String(value)]],
  );
}

function encode(args: unknown, headers: Record<string, string>): string | undefined {
  if (args === undefined || args === null) return undefined;
  if (typeof args === 'string') return args;
  if (/^application\/(.*\+)?json\b/.test(headers['content-type'] ?? '')) return JSON.stringify(args);
  headers['content-type'] ??= 'application/x-www-form-urlencoded';
  return new URLSearchParams(entriesOf(args)).toString();
}

interface Outgoing extends Pick<HttpProvider, 'method' | 'verifyTls'> {
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

/** As requests, the library that Chaos Toolkit calls with, follows redirects: most become a GET without a body. */
async function follow(url: URL, first: Outgoing, signal: AbortSignal): Promise<HttpOutput> {
  let at = url;
  let outgoing = first;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const answer = await exchange(at, outgoing, signal);
    const location = Object.entries(answer.headers).find(([name]) => name.toLowerCase() === 'location')?.[1];
    if (location === undefined || !REDIRECTS.includes(answer.status)) return answer;
    const next = parseUrl(URL.canParse(location, at.href) ? new URL(location, at.href).href : location);
    outgoing = redirected(outgoing, answer.status, next.host !== at.host);
    at = next;
  }
  throw new ActivityFailedError(`${url.href} redirects more than ${MOST_REDIRECTS} times`);
}

/** Another host does not get what was meant for the first. */
function redirected(outgoing: Outgoing, status: number, isElsewhere: boolean): Outgoing {
  const isGet = status === 303 || status === 302 || (status === 301 && outgoing.method === 'POST');
  const leavesBody = status < 307;
  const without = new Set([
    ...(isElsewhere ? ['authorization', 'cookie', 'host'] : []),
    ...(leavesBody ? ['content-type', 'content-length', 'transfer-encoding'] : []),
  ]);
  const headers = Object.entries(outgoing.headers).filter(([name]) => !without.has(name));
  return {
    ...outgoing,
    method: isGet && outgoing.method !== 'HEAD' ? 'GET' : outgoing.method,
    headers: Object.fromEntries(headers),
    body: leavesBody ? undefined : outgoing.body,
  };
}

/** Each on a connection of its own, as one that was kept may be closed by the other side at any moment. */
function exchange(url: URL, { method, headers, body, verifyTls }: Outgoing, signal: AbortSignal): Promise<HttpOutput> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const agent = secure ? new HttpsAgent({ rejectUnauthorized: verifyTls }) : new HttpAgent();
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...headers, ...length }, signal, agent };
    const request = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > MOST_BYTES) request.destroy(new ActivityFailedError(`${url.href} answers with more than 4 MiB`));
      });
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          headers: headersOf(response.rawHeaders),
          body: parseBody(text, response.headers['content-type'] ?? ''),
        });
      });
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** Named as they were sent. */
function headersOf(raw: readonly string[]): Record<string, string> {
  const headers = new Map<string, [name: string, value: string]>();
  for (let at = 0; at < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]];
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? [name, value] : [before[0], `${before[1]}, ${value}`]);
  }
  return Object.fromEntries(headers.values());
}

function parseBody(text: string, type: string): unknown {
  if (type !== 'application/json') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
