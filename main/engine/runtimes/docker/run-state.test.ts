import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DockerRunFolder } from './run-state.ts';

describe('the files of a run of containers', () => {
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'flotilla-run-state-'));
  });
  afterEach(async () => {
    await rm(home, { recursive: true, force: true });
  });

  it('lie in its folder, whatever an instance is called', () => {
    const folder = new DockerRunFolder(home, 'run-1');
    const names = ['orders-1', 'größe 1-1', '../../../../evil-1', 'a/b-1', 'a\\b-1', `${'ö'.repeat(200)}-1`];
    const files = names.map((name) => folder.positionFile(name));
    expect(files.map((file) => dirname(file))).toEqual(names.map(() => join(home, 'runs', 'run-1', 'logs')));
    expect(files.every((file) => Buffer.byteLength(file.slice(home.length)) < 255)).toBe(true);
    expect(new Set(files).size).toBe(names.length);
    expect(files[0]).toMatch(/orders-1\.position$/);
  });
});
