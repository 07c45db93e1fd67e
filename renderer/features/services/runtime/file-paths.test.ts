import { expect, it } from 'vitest';
import { ancestorsOf, bytesOf, joinPath } from './file-paths.ts';

it('joins names to folders, the root among them', () => {
  expect([joinPath('/', 'etc'), joinPath('/etc', 'a b')]).toEqual(['/etc', '/etc/a b']);
});

it('knows the folders on the way to a file', () => {
  expect(ancestorsOf('/etc/ssl/openssl.cnf')).toEqual(['/etc', '/etc/ssl']);
  expect(ancestorsOf('/hosts')).toEqual([]);
});

it('reads bytes', () => {
  expect([...bytesOf('AP+A')]).toEqual([0, 255, 128]);
});
