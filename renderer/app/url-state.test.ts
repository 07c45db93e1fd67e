import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_LAST_MS,
  formatLast,
  formatSelection,
  parseLast,
  parseSearch,
  parseSelection,
  rateRangeOf,
  readConsoleSearch,
  stringifySearch,
  timeRangeOf,
} from './url-state.ts';

describe('search text', () => {
  it('keeps ids readable', () => {
    expect(stringifySearch({ sel: 'kafka/order-events', q: 'status:error "timed out"' })).toBe(
      '?sel=kafka/order-events&q=status:error+%22timed+out%22',
    );
  });

  it('leaves out what is empty', () => expect(stringifySearch({ sel: undefined, q: '', tab: null })).toBe(''));

  it('gives back any text that it wrote', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (text) => {
        expect(parseSearch(stringifySearch({ q: text }))).toEqual({ q: text });
      }),
    );
  });
});

describe('time range', () => {
  it('is the last quarter of an hour unless told', () => expect(timeRangeOf({})).toEqual({ lastMs: DEFAULT_LAST_MS }));

  it('reads minutes, hours and seconds and writes them back', () => {
    for (const text of ['90s', '15m', '2h']) expect(formatLast(parseLast(text) ?? 0)).toBe(text);
  });

  it.each(['', '15', 'm', '0m', '-5m', '1e9h', '200h'])('refuses "%s"', (text) => expect(parseLast(text)).toBeNull());

  it('prefers a stretch of the past, also for rates', () => {
    const search = { last: '5m', from: '1000', to: '5000' };
    expect(timeRangeOf(search)).toEqual({ fromMs: 1000, toMs: 5000 });
    expect(rateRangeOf(search)).toEqual({ fromMs: 1000, toMs: 5000 });
  });

  it('takes rates from the last minute while live', () => {
    expect(rateRangeOf({ last: '1h' })).toEqual({ lastMs: 60_000 });
    expect(rateRangeOf({ last: '30s' })).toEqual({ lastMs: 30_000 });
  });

  it('drops what makes no sense', () => {
    expect(readConsoleSearch({ last: 'soon', from: '9', to: '3', sel: 'orders', other: 'x', q: 7 })).toEqual({
      sel: 'orders',
      last: undefined,
      from: undefined,
      to: undefined,
    });
  });
});

describe('selection', () => {
  it.each(['orders', 'kafka/order-events', 'gateway~orders', 'orders~kafka/order-events'])('gives back %s', (text) => {
    const selection = parseSelection(text);
    expect(selection && formatSelection(selection)).toBe(text);
  });

  it.each([undefined, '', '~', 'a~', 'a~b~c'])('refuses %s', (text) => expect(parseSelection(text)).toBeNull());
});
