import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { findFaketime } from './find-faketime.ts';
import { ProcessClocks } from './process-clocks.ts';

const ref = { service: ServiceId.parse('orders'), index: 1 };
const LIBRARY = '/lib/there.so.1';

test('what is started from then on has another clock, besides what it preloads itself', () => {
  const clocks = new ProcessClocks(() => LIBRARY, 'linux');
  expect(clocks.launch(ref, { A: '1' })).toEqual({ A: '1' });
  clocks.set(ref, -90);
  expect(clocks.of(ref)).toBe(0);
  expect(clocks.launch(ref, { A: '1', LD_PRELOAD: '/own.so', FAKETIME: '+5s' })).toEqual({
    A: '1',
    LD_PRELOAD: `${LIBRARY}:/own.so`,
    FAKETIME: '-90s',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  });
  expect(clocks.of(ref)).toBe(-90);
  clocks.set(ref, 0);
  expect(clocks.of(ref)).toBe(-90);
  clocks.ended(ref, []);
  expect(clocks.of(ref)).toBeNull();
  expect(clocks.launch(ref, { A: '1' })).toEqual({ A: '1' });
});

test.each([
  ['linux', null, /apt install faketime/],
  ['darwin', LIBRARY, /macOS/],
] as const)('on %s with %s it is refused, with what to do', (platform, library, remedy) => {
  const clocks = new ProcessClocks(() => library, platform);
  expect(() => clocks.check()).toThrow(
    expect.objectContaining({ code: 'FAULT_IMPOSSIBLE', remedy: expect.stringMatching(remedy) }),
  );
  expect(() => new ProcessClocks(() => LIBRARY, 'linux').check()).not.toThrow();
});

test('the library is found where packages put it, or where it is said to be', () => {
  const at =
    (...paths: string[]) =>
    (path: string) =>
      paths.includes(path);
  const arch = '/usr/lib/faketime/libfaketime.so.1';
  const fedora = '/usr/lib64/faketime/libfaketime.so.1';
  const threads = '/usr/lib/faketime/libfaketimeMT.so.1';
  expect(findFaketime({}, at(arch))).toBe(arch);
  expect(findFaketime({}, at(fedora))).toBe(fedora);
  expect(findFaketime({}, at(arch, threads))).toBe(threads);
  expect(findFaketime({}, at())).toBeNull();
  expect(findFaketime({ FLOTILLA_LIBFAKETIME: '/mine.so' }, at('/mine.so', arch))).toBe('/mine.so');
  expect(findFaketime({ FLOTILLA_LIBFAKETIME: '/mine.so' }, at(arch))).toBeNull();
});

test('a program sees the day that it says', (context) => {
  const clocks = new ProcessClocks();
  if (process.platform !== 'linux' || findFaketime() === null)
    context.skip('libfaketime is not installed: apt-get install faketime');
  clocks.set(ref, -315_360_000);
  const env = clocks.launch(ref, { PATH: process.env.PATH ?? '' });
  const now = Number(execFileSync(process.execPath, ['-p', 'Date.now()'], { env, encoding: 'utf8' }));
  expect(Math.abs(Date.now() - 315_360_000_000 - now)).toBeLessThan(10_000);
});
