/** A token is renewed this long before it expires, so that none expires on its way. */
const EARLY_MS = 30_000;
const TIMEOUT_MS = 5_000;

/** A shopper's access token, by OAuth's client credentials; fetched when needed and kept while it is valid. */
export class AccessToken {
  readonly #identityUrl: string;
  readonly #clientSecret: string;
  #token: Promise<string> | undefined;
  #renewAtMs = 0;

  constructor(identityUrl: string, clientSecret: string) {
    this.#identityUrl = identityUrl;
    this.#clientSecret = clientSecret;
  }

  /** Rejects when identity does not give one; the next call tries again. */
  get(): Promise<string> {
    if (this.#token !== undefined && Date.now() < this.#renewAtMs) return this.#token;
    // The promise is kept and not the token, so that requests that come at once share one answer.
    this.#renewAtMs = Date.now() + TIMEOUT_MS;
    const token = this.#fetch();
    token.catch(() => {
      this.#token = undefined;
    });
    this.#token = token;
    return token;
  }

  async #fetch(): Promise<string> {
    const response = await fetch(`${this.#identityUrl}/token`, {
      method: 'POST',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { authorization: `Basic ${Buffer.from(`shop-traffic:${this.#clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders:write customers:any' }),
    });
    const body = (await response.json()) as { access_token?: string; expires_in?: number; error?: string };
    if (body.access_token === undefined) throw new Error(`identity gave no token: ${body.error ?? response.status}`);
    this.#renewAtMs = Date.now() + (body.expires_in ?? 0) * 1_000 - EARLY_MS;
    return body.access_token;
  }
}
