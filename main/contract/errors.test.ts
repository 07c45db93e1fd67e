import { expect, test } from 'vitest';
import { z } from 'zod';
import { FlotillaError, toErrorView } from './errors.ts';

const thrown = (given: object): Error => Object.assign(new Error('what Node says'), given);

test('a full disk and a closed folder are no defects', () => {
  expect(toErrorView(thrown({ code: 'ENOSPC', path: '/home/x/run' }))).toMatchObject({
    code: 'DISK_FULL',
    message: 'The disk that holds /home/x/run is full.',
  });
  expect(toErrorView(thrown({ code: 'EACCES', path: '/srv/x' }))).toMatchObject({
    code: 'NOT_WRITABLE',
    message: '/srv/x cannot be read or written (EACCES).',
  });
  const readOnly = thrown({ code: 'ENOENT', syscall: 'mkdir', path: '/mnt/x' });
  expect(toErrorView(readOnly)).toMatchObject({ code: 'NOT_WRITABLE' });
});

test('what is neither of the catalogue nor about a file is a defect with its own words', () => {
  expect(toErrorView(thrown({ code: 'EACCES', syscall: 'listen' }))).toMatchObject({ code: 'INTERNAL' });
  expect(toErrorView(null)).toMatchObject({ code: 'INTERNAL' });
  expect(toErrorView(new FlotillaError('TERMINAL_UNKNOWN'))).toMatchObject({ code: 'TERMINAL_UNKNOWN' });
});

test('what a schema refuses is told in words and never as JSON', () => {
  const refused = z.object({ a: z.object({ b: z.number().max(5) }) }).safeParse({ a: { b: 7 } });
  expect(toErrorView(refused.error).message).toMatch(/^Something in Flotilla broke: a\.b: Too big: expected .*5\.$/);
});
