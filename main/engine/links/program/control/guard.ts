import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Why a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** The name of a request's host, without its port. */
const hostName = (host: string): string => host.replace(/:\d*$/, '').replace(/^\[|\]$/g, '');

/**
 * A page in a browser must not reach this: browsers are known by User-Agent (as Toxiproxy refuses them) or Origin, and a
 * page that had its own name point here by the Host that it asks for. Addresses, localhost and names without a dot, as
 * containers have, are no such names.
 */
function isFromPage(request: IncomingMessage, allowedHosts: ReadonlySet<string>): boolean {
  const { origin, host = '' } = request.headers;
  if (request.headers['user-agent']?.startsWith('Mozilla/') || origin !== undefined) return true;
  const name = hostName(host);
  return name.includes('.') && isIP(name) === 0 && !allowedHosts.has(name);
}

function hasToken(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(String(request.headers['x-flotilla-token'] ?? ''));
  const wanted = Buffer.from(token);
  // Loaded only where there is a token: it takes 2 MB.
  const { timingSafeEqual } = process.getBuiltinModule('node:crypto');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Whether a request may not be answered, and how that is said. */
export function refusalOf(
  request: IncomingMessage,
  { token, allowedHosts }: { token: string | null; allowedHosts: ReadonlySet<string> },
): Refusal | null {
  if (isFromPage(request, allowedHosts)) return { status: 403, message: 'User agent not allowed' };
  if (token !== null && !hasToken(request, token)) return { status: 401, message: 'token missing or wrong' };
  return null;
}
