import { request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { HttpProvider } from '../model.ts';
import { substitute, type Variables } from '../substitute.ts';
import { ActivityFailedError, timeoutMs } from './activity-failed.ts';

const MOST_BYTES = 4 * 1024 * 1024;

/** What an HTTP activity gives: as Chaos Toolkit has it, a body of type application/json is parsed. */
export interface HttpOutput {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * Sends the request of an activity. Arguments go into the query of a GET, and else into the body: as JSON where the
 * headers say so, as a form otherwise. An answer of any status is an output; tolerances judge it.
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
    return await exchange(target, { ...provider, headers, body }, AbortSignal.any([signal, timer]));
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

function exchange(url: URL, { method, headers, body, verifyTls }: Outgoing, signal: AbortSignal): Promise<HttpOutput> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const agent = secure ? { agent: new HttpsAgent({ rejectUnauthorized: verifyTls }) } : {};
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...headers, ...length }, signal, ...agent };
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
        const flat = Object.entries(response.headers).map(
          ([name, value]) => [name, [value].flat().join(', ')] as const,
        );
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(flat),
          body: parseBody(text, response.headers['content-type'] ?? ''),
        });
      });
    });
    request.once('error', reject);
    request.end(body);
  });
}

function parseBody(text: string, type: string): unknown {
  if (!/^application\/(.*\+)?json\b/.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
