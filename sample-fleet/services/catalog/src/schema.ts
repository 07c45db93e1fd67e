import type { Migration } from '../../../lib/postgres.ts';

export const MIGRATIONS: Migration[] = [
  {
    id: '001-products',
    sql: `
      CREATE TABLE products (
        sku text PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL,
        category text NOT NULL,
        price_cents integer NOT NULL CHECK (price_cents >= 0),
        weight_grams integer NOT NULL CHECK (weight_grams > 0),
        updated_at timestamptz NOT NULL DEFAULT now(),
        -- Names count for more than descriptions when results are ranked.
        words tsvector GENERATED ALWAYS AS (
          setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', description), 'B')
        ) STORED
      );
      CREATE INDEX products_category ON products (category, name);
      CREATE INDEX products_words ON products USING gin (words);`,
  },
];
