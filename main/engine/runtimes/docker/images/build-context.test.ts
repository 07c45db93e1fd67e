import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contextArchive, contextHash, readContext } from './build-context.ts';

describe('what a build is given', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-context-'));
    await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const read = () => readContext({ folder, dockerfile: null, dockerfileText: null });

  it('is the same as long as nothing in it changes', async () => {
    await writeFile(join(folder, 'a'), 'one');
    const before = await contextHash(await read());
    expect(await contextHash(await read())).toBe(before);
    await writeFile(join(folder, 'a'), 'two');
    expect(await contextHash(await read())).not.toBe(before);
  });

  it.skipIf(process.platform !== 'linux')('leaves no file open when it is given up', async () => {
    await writeFile(join(folder, 'large'), Buffer.alloc(8_000_000));
    const open = async (): Promise<string[]> => {
      const files = await readdir('/proc/self/fd');
      const paths = await Promise.all(files.map((file) => readlink(`/proc/self/fd/${file}`).catch(() => '')));
      return paths.filter((path) => path.startsWith(folder));
    };
    const archive = contextArchive(await read());
    archive.once('readable', () => archive.read(1));
    await vi.waitFor(async () => expect(await open()).toHaveLength(1));
    archive.destroy();
    await vi.waitFor(async () => expect(await open()).toEqual([]));
  });

  it('fails where a file shrinks while it is sent', async () => {
    const file = join(folder, 'large');
    await writeFile(file, Buffer.alloc(8_000_000));
    const context = await read();
    await writeFile(file, 'short');
    const all = async () => {
      for await (const _ of contextArchive(context)) {
        // To its end.
      }
    };
    await expect(all()).rejects.toThrow();
  });
});
