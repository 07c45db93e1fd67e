import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { namedVariables } from './named-variables.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla variables '));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const environment = { MODE: 'on', TOKEN: 'secret', FROM_ENV: 'x', COMPOSE_PROFILES: 'a,b', UNSET: undefined };

test('only variables that the file or an env file beside it names are given away', async () => {
  const file = join(folder, 'compose.yaml');
  await writeFile(file, 'services: {a: {image: "x:${MODE:-off}", environment: [UNSET]}}');
  await writeFile(join(folder, '.env'), 'OTHER=${FROM_ENV}');
  const expected = { MODE: 'on', FROM_ENV: 'x', COMPOSE_PROFILES: 'a,b' };
  expect(await namedVariables([file], environment)).toEqual(expected);
  expect(await namedVariables([folder], environment)).toEqual(expected);
});

test('a file that is not there names nothing', async () => {
  expect(await namedVariables([join(folder, 'none', 'compose.yaml')], environment)).toEqual({
    COMPOSE_PROFILES: 'a,b',
  });
});

test('files that are laid over it, included and extended count, and the variables beside them', async () => {
  await mkdir(join(folder, 'db'));
  await writeFile(join(folder, 'main.yaml'), 'include: [db/compose.yaml]');
  await writeFile(join(folder, 'db', 'compose.yaml'), 'services: {db: {image: "$MODE"}}');
  await writeFile(join(folder, 'db', '.env'), 'A=$FROM_ENV');
  await writeFile(join(folder, 'over.yaml'), 'services: {db: {user: "$TOKEN"}}');
  const main = join(folder, 'main.yaml');
  expect(await namedVariables([main], environment)).toEqual({ MODE: 'on', FROM_ENV: 'x', COMPOSE_PROFILES: 'a,b' });
  expect(await namedVariables([main, join(folder, 'over.yaml')], environment)).toMatchObject({ TOKEN: 'secret' });
});
