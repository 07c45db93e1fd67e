import { expect, test } from 'vitest';
import { SigningKeys } from './signing-keys.ts';

test('the newest key signs; an old one is published until its tokens have expired', async () => {
  let nowMs = 0;
  const keys = new SigningKeys(60, () => nowMs);
  const first = await keys.rotate();
  nowMs = 10_000;
  const second = await keys.rotate();
  expect(keys.jwks().keys.map(({ kid }) => kid)).toEqual([second, first]);
  nowMs = 70_000;
  const third = await keys.rotate();
  expect(keys.jwks().keys.map(({ kid }) => kid)).toEqual([third, second, first]);
  nowMs = 70_001;
  const fourth = await keys.rotate();
  expect(keys.jwks().keys.map(({ kid }) => kid)).toEqual([fourth, third, second]);
});
