import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Logins, codes and sessions that are kept at most, of each kind; the oldest go first. */
const MAX_ENTRIES = 20_000;

interface Entry {
  payload: AdapterPayload;
  expiresAtMs: number;
}

/**
 * Where the provider keeps sessions, authorization codes and grants: in memory, so they are gone after a restart. Access
 * tokens are JWTs and are kept nowhere.
 */
export class MemoryAdapter implements Adapter {
  readonly #entries = new Map<string, Entry>();

  async upsert(id: string, payload: AdapterPayload, expiresInS?: number): Promise<void> {
    this.#entries.delete(id);
    this.#entries.set(id, {
      payload,
      expiresAtMs: expiresInS === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresInS * 1_000,
    });
    if (this.#entries.size <= MAX_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.expiresAtMs > Date.now()) return entry?.payload;
    this.#entries.delete(id);
    return undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#search((payload) => payload.uid === uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#search((payload) => payload.userCode === userCode);
  }

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    this.#entries.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, { payload }] of this.#entries) {
      if (payload.grantId === grantId) this.#entries.delete(id);
    }
  }

  #search(matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const { payload, expiresAtMs } of this.#entries.values()) {
      if (expiresAtMs > Date.now() && matches(payload)) return payload;
    }
    return undefined;
  }
}
