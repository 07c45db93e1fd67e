import { expect, test } from 'vitest';
import { RateWindow } from './rate-window.ts';

const counts = (count: number) => new Map([['t', count]]);

test('gives the slope over the window', () => {
  const window = new RateWindow(10_000);
  window.add(0, counts(100));
  expect(window.rate('t')).toBeNull();
  window.add(5000, counts(600));
  expect(window.rate('t')).toBe(100);
  window.add(10_000, counts(600));
  window.add(15_000, counts(600));
  expect(window.rate('t')).toBe(0);
  expect(window.rate('unknown')).toBeNull();
});

test('has no rate when the topic was made anew, and one for a topic that came later', () => {
  const window = new RateWindow(10_000);
  window.add(0, counts(100));
  window.add(1000, counts(5));
  expect(window.rate('t')).toBeNull();
  window.add(
    2000,
    new Map([
      ['t', 5],
      ['new', 10],
    ]),
  );
  window.add(
    4000,
    new Map([
      ['t', 5],
      ['new', 30],
    ]),
  );
  expect(window.rate('new')).toBe(10);
});
