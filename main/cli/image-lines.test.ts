import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ImageProgress, ServiceId } from '../contract/index.ts';
import { ImageLines } from './image-lines.ts';

const image = (given: Partial<ImageProgress> = {}): ImageProgress => ({
  image: 'shop/web:1',
  services: [ServiceId.parse('web')],
  action: 'build',
  state: 'running',
  step: null,
  layers: [],
  output: [],
  error: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  ...given,
});
const step = (number: number) => image({ step: { number, total: 9, text: `RUN step ${number}` } });
const loaded = (currentBytes: number) =>
  image({ action: 'pull', layers: [{ id: 'a', state: 'downloading', currentBytes, totalBytes: 100 }] });
const done = image({ state: 'done', endedAt: '2026-01-01T00:00:02.000Z' });

let written = '';
beforeEach(() => {
  vi.stubEnv('NO_COLOR', '1');
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
const screen = (isTTY: boolean, columns = 60) => ({ isTTY, columns, write: process.stderr.write });

test('without a terminal a line is written now and then, and one for the end', () => {
  const lines = new ImageLines(screen(false));
  lines.show([step(1)], 0);
  lines.show([step(2)], 100);
  lines.show([step(2)], 4000);
  lines.show([step(2)], 9000);
  lines.show([done], 9100);
  lines.show([done], 20_000);
  expect(written).toBe(
    '  + shop/web:1 is being built: step 1 of 9: RUN step 1\n' +
      '  + shop/web:1 is being built: step 2 of 9: RUN step 2\n' +
      '  ✓ shop/web:1 built 2.00 s\n',
  );
});

test('a pull is told by its quarters', () => {
  const lines = new ImageLines(screen(false));
  for (const [n, bytes] of [0, 10, 60, 100].entries()) lines.show([loaded(bytes)], n * 5000);
  expect(written.match(/\d+ %/g)).toEqual(['0 %', '30 %', '50 %']);
});

test('on a terminal the lines of what is under way are written over', () => {
  const lines = new ImageLines(screen(true));
  lines.show([step(1), image({ image: 'b:1' })], 0);
  lines.show([step(2), image({ image: 'b:1' })], 10, () => process.stderr.write('another line\n'));
  lines.show([done], 20);
  expect(written).toBe(
    '  + shop/web:1 is being built: step 1 of 9: RUN step 1\n  + b:1 is being built\n' +
      '\u001b[2A\u001b[Janother line\n' +
      '  + shop/web:1 is being built: step 2 of 9: RUN step 2\n  + b:1 is being built\n' +
      '\u001b[2A\u001b[J  ✓ shop/web:1 built 2.00 s\n',
  );
});

test('a line is never longer than the terminal is wide', () => {
  new ImageLines(screen(true, 20)).show([step(1)], 0);
  expect(written).toBe('  + shop/web:1 is b\n');
});

test('what is built again is told again, and a failure is left to the services that it was for', () => {
  const error = { code: 'IMAGE_PULL_FAILED', message: 'It could not be pulled.', remedy: '', details: {} };
  const lines = new ImageLines(screen(false));
  lines.show([image({ state: 'failed', error })], 0);
  lines.show([done], 1);
  lines.show([{ ...done, startedAt: '2026-01-01T00:00:01.000Z' }], 2);
  expect(written).toBe('  ✓ shop/web:1 built 2.00 s\n  ✓ shop/web:1 built 1.00 s\n');
});
