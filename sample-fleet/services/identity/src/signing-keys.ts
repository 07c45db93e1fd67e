import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { newShortId } from '../../../lib/ids.ts';
import { log } from '../../../lib/log.ts';

/** ES256: small, and quick to make and to sign with. */
export const SIGNING_ALGORITHM = 'ES256';

interface SigningKey {
  jwk: JWK & { kid: string };
  /** When it stopped signing, in ms since the epoch; undefined for the one that signs. */
  retiredAtMs: number | undefined;
}

/**
 * The keys that sign tokens. Only the newest signs; a retired key stays in the published set until the last token that it
 * signed has expired, so that a rotation breaks nobody's session.
 */
export class SigningKeys {
  readonly #tokenTtlMs: number;
  readonly #now: () => number;
  #keys: SigningKey[] = [];

  /** Holds no key before the first `rotate`. */
  constructor(tokenTtlS: number, now: () => number = Date.now) {
    this.#tokenTtlMs = tokenTtlS * 1_000;
    this.#now = now;
  }

  /** Makes a new key that signs from now on, and drops those that no valid token can be signed by. Gives its id. */
  async rotate(): Promise<string> {
    const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
    const kid = newShortId('key');
    const jwk = { ...(await exportJWK(privateKey)), kid, alg: SIGNING_ALGORITHM, use: 'sig' };
    const nowMs = this.#now();
    const retired = this.#keys.map((key) => ({ ...key, retiredAtMs: key.retiredAtMs ?? nowMs }));
    const needed = retired.filter(({ retiredAtMs }) => nowMs - retiredAtMs <= this.#tokenTtlMs);
    this.#keys = [{ jwk, retiredAtMs: undefined }, ...needed];
    log.info({ kid, published: this.#keys.length }, 'signing key rotated');
    return kid;
  }

  /** All keys that are in use, private parts included, the one that signs first. */
  jwks(): { keys: Array<JWK & { kid: string }> } {
    return { keys: this.#keys.map(({ jwk }) => jwk) };
  }
}
