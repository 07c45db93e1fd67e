import type { Migration } from '../../../lib/postgres.ts';

export const MIGRATIONS: Migration[] = [
  {
    id: '001-stock-and-reservations',
    sql: `
      CREATE TABLE stock (
        sku text PRIMARY KEY,
        available integer NOT NULL CHECK (available >= 0),
        version integer NOT NULL DEFAULT 1
      );
      -- One row for each order that ever asked: the memory that makes Reserve and Release safe to repeat.
      CREATE TABLE reservations (
        order_id text PRIMARY KEY,
        status text NOT NULL CHECK (status IN ('reserved', 'refused', 'released')),
        lines jsonb NOT NULL,
        reason text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now()
      );`,
  },
];
