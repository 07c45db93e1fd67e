import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reserve, type Stock, sumBySku } from './stock.ts';

const STOCK: Stock[] = [
  { sku: 'BOX-002', available: 3, version: 7 },
  { sku: 'BOX-001', available: 5, version: 1 },
];

describe('stock', () => {
  it('gives an order all of its lines, and keeps the versions that were read', () => {
    const { changed } = reserve(STOCK, [
      { sku: 'BOX-002', quantity: 1 },
      { sku: 'BOX-001', quantity: 2 },
      { sku: 'BOX-002', quantity: 2 },
    ]);
    expect(changed).toEqual([
      { sku: 'BOX-001', available: 3, version: 1 },
      { sku: 'BOX-002', available: 0, version: 7 },
    ]);
  });

  it('gives nothing where one line is short, or unknown', () => {
    const lines = [{ sku: 'BOX-001', quantity: 1 }];
    expect(reserve(STOCK, [...lines, { sku: 'BOX-002', quantity: 4 }]).shortage).toBe(
      'BOX-002 is sold out: 3 left, 4 wanted',
    );
    expect(reserve(STOCK, [...lines, { sku: 'BOX-999', quantity: 1 }]).shortage).toBe('BOX-999 is not in the range');
  });

  it('never goes below nothing, and takes exactly what was asked', () => {
    const line = fc.record({ sku: fc.constantFrom('BOX-001', 'BOX-002'), quantity: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const { changed } = reserve(STOCK, lines);
        if (changed === undefined) return;
        for (const row of changed) {
          const before = STOCK.find(({ sku }) => sku === row.sku)?.available ?? 0;
          const asked = lines.filter(({ sku }) => sku === row.sku).reduce((sum, { quantity }) => sum + quantity, 0);
          expect(row.available).toBe(before - asked);
          expect(row.available).toBeGreaterThanOrEqual(0);
        }
        expect(changed.map(({ sku }) => sku)).toEqual(sumBySku(lines).map(({ sku }) => sku));
      }),
    );
  });
});
