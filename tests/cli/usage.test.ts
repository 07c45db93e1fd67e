import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homeFiles } from '../../main/contract/index.ts';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';

let flotilla: Flotilla;
beforeAll(async () => {
  flotilla = await makeFlotilla();
});
afterAll(() => flotilla.close());

test('bad usage exits with 2 and says what is possible', async () => {
  expect(await flotilla.run('frobnicate')).toMatchObject({ code: 2, stderr: expect.stringContaining('frobnicate') });
  expect(await flotilla.run('traces', '--last', '5')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('15m'),
  });
  expect(await flotilla.run('up', '--runtime', 'magic')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('docker'),
  });
});

test('without an engine a question exits with 1 and a remedy, in text and in JSON', async () => {
  const text = await flotilla.run('topology');
  expect(text).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('flotilla up') });
  const json = await flotilla.run('topology', '--json');
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'ENGINE_NOT_RUNNING' } });
  expect(await flotilla.json('status')).toMatchObject({ engine: null, fleet: null });
  expect(await flotilla.run('down')).toMatchObject({ code: 0 });
});

test('of an engine that died every command tells the same', async () => {
  const left = join(flotilla.home, homeFiles.run);
  await writeFile(left, '{}');
  try {
    for (const [command, code] of [
      [['status'], 0],
      [['fault', 'list'], 1],
      [['experiment', 'env'], 1],
    ] as const) {
      const told = await flotilla.run(...command);
      expect(told.code).toBe(code);
      expect(told.stderr).toContain('died. Its fleet may still run.');
      expect(told.stderr).toContain('Take it over with: flotilla up, or end it with: flotilla down');
    }
  } finally {
    await rm(left);
  }
});

test('a missing or broken fleet file is refused with its place, and no engine is left behind', async () => {
  expect(await flotilla.run('up', './no/such/compose.yaml')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('compose.yaml'),
  });
  const file = join(flotilla.home, 'compose.yaml');
  await writeFile(file, 'services:\n  web:\n    image: nginx\n    ports: [ "80:80"\n');
  const broken = await flotilla.run('up', file, '--runtime', 'process', '--headless');
  expect(broken.code).toBe(1);
  expect(broken.stderr).toMatch(/compose\.yaml:\d+:\d+: /);
  await expect.poll(() => flotilla.processes(), { timeout: 20_000 }).toEqual([]);
});

test('doctor names what it found and what to do', async () => {
  const { stdout } = await flotilla.run('doctor', '--json');
  const findings: { name: string; status: string; remedy: string | null }[] = JSON.parse(stdout);
  expect(findings.map((one) => one.name)).toEqual(expect.arrayContaining(['Node', 'home', 'disk', 'engine', 'window']));
  for (const finding of findings) expect(finding.status === 'ok' || finding.remedy !== null).toBe(true);
});
