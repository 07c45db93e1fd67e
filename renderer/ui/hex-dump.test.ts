import { expect, it } from 'vitest';
import { hexDump } from './hex-dump.ts';

it('dumps bytes as hex with their ASCII beside them', () => {
  const bytes = Array.from({ length: 18 }, (_, index) => index + 60);
  expect(hexDump(bytes)).toBe(
    `000000  3c 3d 3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b  <=>?@ABCDEFGHIJK\n000010  4c 4d${' '.repeat(44)}LM`,
  );
});
