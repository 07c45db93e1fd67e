import { expect, test } from 'vitest';
import { AttributeKeys } from './attribute-keys.ts';

test('a key is remembered unless it is so long that many would fill the memory', () => {
  const keys = new AttributeKeys();
  const find = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    return keys.find(bytes, 0, bytes.length);
  };
  expect(find('order.id')).toBe(find('order.id'));
  const long = 'k'.repeat(100_000);
  expect(find(long)).not.toBe(find(long));
  expect(new TextDecoder().decode(find(long).json)).toBe(`"${long}":`);
});
