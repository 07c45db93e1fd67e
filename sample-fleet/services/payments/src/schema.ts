import type { Migration } from '../../../lib/postgres.ts';

export const MIGRATIONS: Migration[] = [
  {
    id: '001-charges-and-idempotency-keys',
    sql: `
      CREATE TABLE idempotency_keys (
        key text PRIMARY KEY,
        -- What was asked for; the same key with another request is refused.
        fingerprint text NOT NULL,
        -- Null while the first call is at work.
        answer jsonb,
        claimed_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE charges (
        order_id text PRIMARY KEY,
        charge_id text NOT NULL DEFAULT '',
        amount_cents bigint NOT NULL DEFAULT 0,
        -- unknown: the bank gave no answer. void: refunded before it was charged, so that it never will be.
        status text NOT NULL
          CHECK (status IN ('charging', 'unknown', 'charged', 'declined', 'refunding', 'refunded', 'void')),
        reason text NOT NULL DEFAULT '',
        updated_at timestamptz NOT NULL DEFAULT now()
      );`,
  },
];
