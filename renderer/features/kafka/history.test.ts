import { expect, it } from 'vitest';
import { recordHistory } from './history.ts';

it('keeps the last 60 measurements, each once', () => {
  for (let at = 1; at <= 100; at++) {
    recordHistory('lag', at, at);
    recordHistory('lag', at, at);
  }
  const values = recordHistory('lag', null, 101);
  expect([values.length, values[0], values.at(-1)]).toEqual([60, 41, 100]);
});
