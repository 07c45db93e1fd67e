import pg from 'pg';
import { FlotillaError } from '../../contract/index.ts';
import { RabbitRefusedError } from './rabbitmq.ts';
import type { OpenTarget } from './target.ts';

// PostgreSQL's codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
const TOO_MANY_CONNECTIONS = '53300';
const LOGIN_REJECTED: ReadonlySet<string> = new Set(['28P01', '28000']);

const REMEDIES = {
  login:
    "User and password are taken from the service's own environment in the fleet file; see whether they are right there.",
  other: 'It answers, and this is its own reason; its log may say more.',
} as const;

/** What went wrong as the system or the server said it: `fetch` hides that in the cause of its own error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/** What a server that answers means by its refusal; null when it does not answer. */
function refusalOf(error: unknown, cause: string): 'full' | keyof typeof REMEDIES | null {
  if (error instanceof RabbitRefusedError) return error.status === 401 ? 'login' : 'other';
  if (error instanceof pg.DatabaseError) {
    if (error.code === TOO_MANY_CONNECTIONS) return 'full';
    return LOGIN_REJECTED.has(error.code ?? '') ? 'login' : 'other';
  }
  // A Redis error begins with its kind in capitals; servers before version 6 have one kind for all.
  if (/^ERR max number of clients/.test(cause)) return 'full';
  if (/^(NOAUTH|WRONGPASS|ERR invalid password|ERR .*\bAUTH\b)/.test(cause)) return 'login';
  return /^(NOPERM|ERR)\b/.test(cause) ? 'other' : null;
}

/** Why a store could not be looked into: PEEK_FULL, PEEK_REFUSED, or PEEK_UNREACHABLE where nothing answered. */
export function toPeekError(error: unknown, target: OpenTarget): FlotillaError {
  const { service, host, port } = target;
  const cause = reasonOf(error).replace(/\.$/, '');
  const refusal = refusalOf(error, cause);
  if (refusal === null)
    return new FlotillaError('PEEK_UNREACHABLE', { service, address: `${host}:${port}`, cause }, { cause: error });
  if (refusal === 'full') return new FlotillaError('PEEK_FULL', { service, cause }, { cause: error });
  return new FlotillaError('PEEK_REFUSED', { service, cause, remedy: REMEDIES[refusal] }, { cause: error });
}
