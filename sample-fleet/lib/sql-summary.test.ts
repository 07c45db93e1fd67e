import { expect, it } from 'vitest';
import { summarizeSql } from './sql-summary.ts';

it.each([
  ['INSERT INTO order_events (order_id)\n SELECT $1 FROM unnest($2)', 'INSERT', 'order_events'],
  ['update stock SET available = $2 WHERE sku = $1', 'UPDATE', 'stock'],
  ['DELETE FROM outbox WHERE id IN (SELECT id FROM outbox)', 'DELETE', 'outbox'],
  ['SELECT sku,\n  name FROM "products" ORDER BY sku', 'SELECT', 'products'],
  ['WITH fresh AS (INSERT INTO counted_events (id) VALUES ($1)) SELECT * FROM fresh', 'INSERT', 'counted_events'],
  ['SELECT 1', 'SELECT', undefined],
  ['COMMIT', 'COMMIT', undefined],
])('%s', (text, operation, table) => {
  expect(summarizeSql(text)).toEqual({ operation, ...(table === undefined ? {} : { table }) });
});
