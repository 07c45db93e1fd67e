import type { StockLine } from '../../../protos/inventory.ts';

/** How many of a product can be sold, and the version that optimistic locking compares. */
export interface Stock {
  sku: string;
  available: number;
  version: number;
}

export type Decision = { changed: Stock[]; shortage?: undefined } | { changed?: undefined; shortage: string };

/**
 * The aggregate's rule: an order gets all of its lines or none. Pure. Gives the rows as they become, sorted by sku, still
 * with the versions that were read.
 */
export function reserve(stock: Stock[], lines: StockLine[]): Decision {
  const bySku = new Map(stock.map((row) => [row.sku, row]));
  const changed: Stock[] = [];
  for (const { sku, quantity } of sumBySku(lines)) {
    const row = bySku.get(sku);
    if (row === undefined) return { shortage: `${sku} is not in the range` };
    if (row.available < quantity) return { shortage: `${sku} is sold out: ${row.available} left, ${quantity} wanted` };
    changed.push({ ...row, available: row.available - quantity });
  }
  return { changed };
}

/** The lines with each sku once, sorted by sku: rows are always changed in this order, so writers cannot deadlock. */
export function sumBySku(lines: StockLine[]): StockLine[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity })).sort((a, b) => (a.sku < b.sku ? -1 : 1));
}
