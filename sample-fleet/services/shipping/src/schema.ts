import type { Migration } from '../../../lib/postgres.ts';

export const MIGRATIONS: Migration[] = [
  {
    id: '001-parcels',
    sql: `
      CREATE TABLE parcels (
        order_id text PRIMARY KEY,
        parcel_id text NOT NULL,
        customer_id text NOT NULL,
        status text NOT NULL CHECK (status IN ('shipped', 'failed')),
        reason text,
        worker text NOT NULL,
        decided_at timestamptz NOT NULL DEFAULT now()
      );`,
  },
];
