import { expect, it } from 'vitest';
import { portOf } from './port-of.ts';

it('knows the port, also where the address leaves it out', () => {
  const urls = ['http://127.0.0.1:20412', 'http://127.0.0.1:80', 'https://127.0.0.1', 'postgres://127.0.0.1:5432'];
  expect(urls.map((url) => portOf({ url }))).toEqual(['20412', '80', '443', '5432']);
});
