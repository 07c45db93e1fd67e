import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FlotillaError } from '../../contract/index.ts';
import { Tickets } from './tickets.ts';

const LOCAL_NAMES = ['127.0.0.1', 'localhost'];

/** Compares without telling by its duration how much of a secret was right. */
function sameSecret(given: string, expected: string): boolean {
  const a = createHmac('sha256', 'compare').update(given).digest();
  const b = createHmac('sha256', 'compare').update(expected).digest();
  return timingSafeEqual(a, b);
}

function cookie(request: IncomingMessage, name: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return null;
}

/**
 * Decides who may speak to the engine. Other sites are kept out by the Host header (DNS rebinding), the Origin header
 * (cross-site requests and WebSockets) and the token, which only those who can read the endpoint file have.
 */
export class Guard {
  readonly #token: string;
  readonly #port: () => number;
  readonly #tickets = new Tickets();

  constructor(token: string, port: () => number) {
    this.#token = token;
    this.#port = port;
  }

  /** Cookies know no ports: the name keeps two engines of one machine apart. */
  get cookieName(): string {
    return `flotilla_${this.#port()}`;
  }

  /** What the cookie holds: derived from the token, so that it is good again after the engine was restarted. */
  get cookieValue(): string {
    return createHmac('sha256', this.#token).update('session').digest('hex');
  }

  /** Throws FORBIDDEN_HOST or FORBIDDEN_ORIGIN when a request comes by a foreign name or from a foreign page. */
  checkOrigin(request: IncomingMessage): void {
    const allowed = LOCAL_NAMES.map((name) => `${name}:${this.#port()}`);
    const host = request.headers.host ?? '';
    if (!allowed.includes(host)) throw new FlotillaError('FORBIDDEN_HOST', { host });
    const { origin } = request.headers;
    if (origin !== undefined && !allowed.includes(origin.replace(/^http:\/\//, ''))) {
      throw new FlotillaError('FORBIDDEN_ORIGIN', { origin });
    }
  }

  /** What opens one session; for those who may call anyway. */
  issueTicket(): string {
    return this.#tickets.issue();
  }

  /** Whether a request may open a session: authorized as it is, or with a ticket, which is spent by this. */
  maySignIn(request: IncomingMessage): boolean {
    const ticket = /^Ticket (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    // Asked first: a page that has its cookie already spends its ticket, too.
    const redeemed = ticket !== undefined && this.#tickets.redeem(ticket);
    return redeemed || this.isAuthorized(request);
  }

  isToken(given: string | undefined): boolean {
    return given !== undefined && sameSecret(given, this.#token);
  }

  /** Whether a request carries the token or the session cookie that was made from it. */
  isAuthorized(request: IncomingMessage): boolean {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (this.isToken(bearer)) return true;
    const session = cookie(request, this.cookieName);
    return session !== null && sameSecret(session, this.cookieValue);
  }
}
