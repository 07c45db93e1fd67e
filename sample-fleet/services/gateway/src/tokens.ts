import type { FastifyRequest } from 'fastify';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { messageOf } from '../../../lib/backoff.ts';
import { log } from '../../../lib/log.ts';

/** What identity's tokens are for. */
const AUDIENCE = 'https://shop.example/api';

/** How long a key that identity has withdrawn may still be believed. */
const KEYS_KEPT_MS = 20_000;

/** Who asks, by a token that has been checked. */
export interface Caller {
  subject: string;
  scopes: ReadonlySet<string>;
  /** When the token expires, in ms since the epoch. */
  expiresAtMs: number;
}

/** A request that may not go on: 401 without a good token, 403 without the scope, 503 while keys cannot be had. */
export class TokenError extends Error {
  readonly statusCode: number;

  constructor(statusCode: 401 | 403 | 503, message: string) {
    super(message);
    this.name = 'TokenError';
    this.statusCode = statusCode;
  }
}

export interface TokenChecker {
  /** Who the token belongs to; rejects with a TokenError. */
  check(token: string | undefined): Promise<Caller>;
}

/**
 * Checks identity's JWTs without asking identity each time: its public keys (the JWKS) are fetched and kept for a while,
 * after which a key that was withdrawn counts no more. A token signed by a key that is not among them makes the keys be
 * fetched anew, which is how a rotation is noticed; at most once in `cooldownMs`, so that forged tokens cannot make the
 * gateway flood identity.
 */
export function createTokenChecker(identityUrl: string, issuer: string, cooldownMs = 5_000): TokenChecker {
  const keys = createRemoteJWKSet(new URL('/jwks', identityUrl), {
    cacheMaxAge: KEYS_KEPT_MS,
    cooldownDuration: cooldownMs,
    timeoutDuration: 2_000,
  });
  return {
    check: async (token) => {
      if (token === undefined) throw new TokenError(401, 'This needs a bearer token of the identity service.');
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer,
          audience: AUDIENCE,
          clockTolerance: 5,
          // Without these a token that names nobody, or never ends, would pass.
          requiredClaims: ['sub', 'exp'],
        });
        const { sub = '', exp = 0, scope } = payload;
        const scopes = typeof scope === 'string' ? scope.split(' ') : [];
        return { subject: sub, scopes: new Set(scopes), expiresAtMs: exp * 1_000 };
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

function refusal(error: unknown): TokenError {
  const isTokensFault =
    error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== 'ERR_JOSE_GENERIC';
  if (isTokensFault) return new TokenError(401, `The token is not valid: ${error.message}.`);
  log.error({ reason: messageOf(error) }, 'the keys of identity cannot be had');
  return new TokenError(503, 'Tokens cannot be checked at the moment; try again soon.');
}

/** The token of `Authorization: Bearer ...`. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/**
 * For whom an order is placed or shown: the token's own subject, or, for a trusted client with the scope `customers:any`,
 * the customer that its `x-customer-id` names.
 */
export function customerOf(caller: Caller, request: FastifyRequest): string {
  if (!caller.scopes.has('orders:write')) throw new TokenError(403, 'The token lacks the scope orders:write.');
  const named = request.headers['x-customer-id'];
  if (typeof named !== 'string' || named === caller.subject) return caller.subject;
  if (!caller.scopes.has('customers:any')) throw new TokenError(403, 'The token lacks the scope customers:any.');
  if (!/^[\w-]{1,64}$/.test(named)) throw new TokenError(403, 'x-customer-id is not the name of a customer.');
  return named;
}
