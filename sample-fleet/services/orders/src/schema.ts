import type { Migration } from '../../../lib/postgres.ts';

export const MIGRATIONS: Migration[] = [
  {
    id: '001-events-views-sagas-outbox',
    sql: `
      -- The truth: what happened to each order, in its order. The key is the optimistic lock: of two writers that both
      -- saw version 3, one gets to write version 4.
      CREATE TABLE order_events (
        order_id uuid NOT NULL,
        version integer NOT NULL,
        event_id uuid NOT NULL,
        type text NOT NULL,
        data jsonb NOT NULL,
        occurred_at timestamptz NOT NULL,
        PRIMARY KEY (order_id, version)
      );
      -- The read model: what queries ask for. It can be thrown away and folded from the events again.
      CREATE TABLE order_views (
        order_id uuid PRIMARY KEY,
        customer_id text NOT NULL,
        status text NOT NULL,
        total_cents bigint NOT NULL,
        items jsonb NOT NULL,
        history jsonb NOT NULL,
        placed_at timestamptz NOT NULL
      );
      CREATE INDEX order_views_by_customer ON order_views (customer_id, placed_at DESC);
      -- Where each process manager stands, and when it is due: after a crash it goes on from here.
      CREATE TABLE order_sagas (
        order_id uuid PRIMARY KEY,
        saga jsonb NOT NULL,
        revision integer NOT NULL,
        due_at timestamptz,
        traceparent text NOT NULL
      );
      CREATE INDEX order_sagas_due ON order_sagas (due_at) WHERE due_at IS NOT NULL;
      -- What has to be told to others, kept until the broker has it.
      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic text NOT NULL,
        key text NOT NULL,
        value jsonb NOT NULL,
        traceparent text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );`,
  },
];
