import { afterEach, expect, test, vi } from 'vitest';
import { openSession } from './session.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A page at an address with a token, whose requests are answered in this order; an error is a network that changed. */
function page(answers: (number | Error)[]): { asked: () => number } {
  vi.useFakeTimers();
  vi.stubGlobal('location', { hash: '#token=secret', pathname: '/logs', search: '?q=x' });
  vi.stubGlobal('history', { state: null, replaceState: () => undefined });
  const fetch = vi.fn(async (_path: string, { headers }: { headers: { authorization: string } }) => {
    expect(headers.authorization).toBe('Bearer secret');
    const answer = answers.shift() ?? 500;
    if (answer instanceof Error) throw answer;
    return { ok: answer === 204 };
  });
  vi.stubGlobal('fetch', fetch);
  return { asked: () => fetch.mock.calls.length };
}
const changed = (): Error => new TypeError('Failed to fetch');

test('a network that changes while the page signs in does not keep it out', async () => {
  const { asked } = page([changed(), changed(), 204]);
  const opened = openSession();
  await vi.runAllTimersAsync();
  await opened;
  expect(asked()).toBe(3);
});

test('what is refused is not asked again, and what never answers is given up', async () => {
  const refused = page([401]);
  await expect(openSession()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(refused.asked()).toBe(1);
  const gone = page(Array.from({ length: 20 }, changed));
  const opening = expect(openSession()).rejects.toThrow('Failed to fetch');
  await vi.runAllTimersAsync();
  await opening;
  expect(gone.asked()).toBe(6);
});
