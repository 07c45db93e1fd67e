import type { Migration } from '../../../lib/postgres.ts';

export const MIGRATIONS: Migration[] = [
  {
    id: '001-sales',
    sql: `
      CREATE TABLE sales_minutes (
        minute timestamptz PRIMARY KEY,
        confirmed integer NOT NULL,
        rejected integer NOT NULL,
        revenue_cents bigint NOT NULL
      );
      CREATE TABLE sales_products (
        sku text PRIMARY KEY,
        quantity bigint NOT NULL,
        revenue_cents bigint NOT NULL
      );
      -- The events that are counted already: what makes counting safe to repeat.
      CREATE TABLE counted_events (
        event_id text PRIMARY KEY,
        counted_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX counted_events_by_age ON counted_events (counted_at);`,
  },
];
