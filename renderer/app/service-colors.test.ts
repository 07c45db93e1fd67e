import { describe, expect, it } from 'vitest';
import { SERIES_COLORS, serviceColors, strangerColor } from './service-colors.ts';

const shop = [
  ...['gateway', 'identity', 'catalog', 'cart', 'orders', 'inventory', 'payments', 'shipping', 'notifications'],
  ...['analytics', 'traffic', 'postgres', 'kafka', 'redis', 'rabbitmq'],
];

describe('serviceColors', () => {
  it('gives the services of the shop, and any sixteen, a colour of their own', () => {
    expect(new Set(serviceColors(shop).values()).size).toBe(shop.length);
    const sixteen = Array.from({ length: SERIES_COLORS }, (_, index) => `service-${index}`);
    expect(new Set(serviceColors(sixteen).values()).size).toBe(SERIES_COLORS);
  });

  it('uses each colour about as often when there are more services than colours', () => {
    const many = Array.from({ length: 40 }, (_, index) => `service-${index}`);
    const uses = new Map<number, number>();
    for (const color of serviceColors(many).values()) uses.set(color, (uses.get(color) ?? 0) + 1);
    expect(Math.max(...uses.values())).toBe(3);
    expect(uses.size).toBe(SERIES_COLORS);
  });

  it('keeps the colours of services when one comes at the end', () => {
    const before = serviceColors(shop);
    const later = serviceColors([...shop, 'search']);
    for (const name of shop) expect(later.get(name)).toBe(before.get(name));
  });

  it('gives a stranger one of them, the same each time', () => {
    expect(strangerColor('bank')).toBe(strangerColor('bank'));
    expect(strangerColor('bank')).toBeGreaterThanOrEqual(1);
    expect(strangerColor('bank')).toBeLessThanOrEqual(SERIES_COLORS);
  });
});
