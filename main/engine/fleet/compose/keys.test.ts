import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { RuntimeKind } from '../../../contract/index.ts';
import { keyTables, SECTIONS } from './key-tables.fixture.ts';
import { whyIgnored } from './keys.ts';
import { readFleet } from './read-fleet.ts';

const root = new URL('../../../../', import.meta.url);
const file = fileURLToPath(new URL('tests/compose-files/every-key/compose.yaml', root));
const page = new URL('docs/compose.md', root);
const TABLES = /(?<=<!-- tables -->\n).*(?=\n<!-- end of tables -->)/s;

/** The section that a mapping at this path belongs to: `services/all/ports/0`. */
const WHERE: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'Top level'],
  [/^services\/\w+$/, 'services.NAME'],
  [/^services\/\w+\/(build|deploy|extends|healthcheck|logging|blkio_config)$/, 'services.NAME.*'],
  [/^services\/\w+\/(deploy\/resources(\/limits|\/reservations)?|deploy\/restart_policy)$/, 'services.NAME.*'],
  [/^services\/\w+\/blkio_config\/weight_device\/\d+$/, 'services.NAME.blkio_config.weight_device[]'],
  [/^services\/\w+\/blkio_config\/\w+ps\/\d+$/, 'services.NAME.blkio_config.device_read_bps[] and its like'],
  [/^services\/\w+\/(configs|secrets)\/\d+$/, 'services.NAME.configs[] and secrets[]'],
  [/^services\/\w+\/depends_on\/\w+$/, 'services.NAME.depends_on.NAME'],
  [/^services\/\w+\/devices\/\d+$/, 'services.NAME.devices[]'],
  [/^services\/\w+\/env_file\/\d+$/, 'services.NAME.env_file[]'],
  [
    /^services\/\w+\/(gpus|deploy\/resources\/reservations\/devices)\/\d+$/,
    'services.NAME.gpus[] and deploy.resources.reservations.devices[]',
  ],
  [/^services\/\w+\/networks\/\w+$/, 'services.NAME.networks.NAME'],
  [/^services\/\w+\/ports\/\d+$/, 'services.NAME.ports[]'],
  [/^services\/\w+\/ulimits\/\w+$/, 'services.NAME.ulimits.NAME'],
  [/^services\/\w+\/volumes\/\d+$/, 'services.NAME.volumes[]'],
  [/^services\/\w+\/volumes\/\d+\/bind$/, 'services.NAME.volumes[].bind'],
  [/^services\/\w+\/volumes\/\d+\/volume$/, 'services.NAME.volumes[].volume'],
  [/^services\/\w+\/volumes\/\d+\/tmpfs$/, 'services.NAME.volumes[].tmpfs'],
  [/^(networks|volumes|configs|secrets)\/[\w-]+$/, '*.NAME'],
  [/^networks\/\w+\/ipam$/, 'networks.NAME.ipam'],
  [/^networks\/\w+\/ipam\/config\/\d+$/, 'networks.NAME.ipam.config[]'],
  [/^include\/\d+$/, 'include[]'],
];

function sectionOf(path: string): string | null {
  const found = WHERE.find(([pattern]) => pattern.test(path))?.[1];
  if (found === 'services.NAME.*') return path.replace(/^services\/\w+/, 'services.NAME').replaceAll('/', '.');
  return found === '*.NAME' ? `${path.split('/')[0]}.NAME` : (found ?? null);
}

interface Found {
  readonly section: string;
  readonly key: string;
  readonly at: string;
}

/** Every key of the file that stands in a mapping of the specification, with its line and column. */
function keysOf(text: string): Found[] {
  const lines = new LineCounter();
  const found: Found[] = [];
  const walk = (node: Node | null | undefined, path: readonly string[]): void => {
    if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item as Node, [...path, String(index)]);
    if (!isMap(node)) return;
    const section = sectionOf(path.join('/'));
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const { line, col } = lines.linePos(key.range?.[0] ?? 0);
      if (section !== null) found.push({ section, key: String(key.value), at: `${line}:${col}` });
      walk(value as Node, [...path, String(key.value)]);
    }
  };
  walk(parseDocument(text, { lineCounter: lines }).contents, []);
  return found;
}

const found = keysOf(readFileSync(file, 'utf8'));

test('the file has every key of every table', () => {
  const known = Object.entries(SECTIONS).flatMap(([where, keys]) => Object.keys(keys).map((key) => `${where}: ${key}`));
  const there = new Set(found.map(({ section, key }) => `${section}: ${key}`));
  expect(known.filter((one) => !there.has(one))).toEqual([]);
});

test.each<RuntimeKind>(['docker', 'process'])(
  'on %s exactly those keys are warned of, at their line and column, that the tables say have no effect',
  async (runtime) => {
    const expected = found.flatMap(({ section, key, at }) => {
      const row = SECTIONS[section]?.[key];
      const why = row === undefined ? null : whyIgnored(row, runtime);
      return why === null ? [] : [`${at} ${key} ${why}`];
    });
    const { warnings } = await readFleet(file, { environment: {}, profiles: ['all'], runtime });
    const given = warnings.map((one) => `${one.line}:${one.column} ${one.path.split('.').at(-1)} ${one.message}`);
    expect(given.toSorted()).toEqual(expected.toSorted());
  },
);

/** `UPDATE_DOCS=1 npx vitest run main/engine/fleet/compose/keys.test.ts` writes them. */
test('docs/compose.md has the tables as they are', () => {
  const text = readFileSync(page, 'utf8');
  if (process.env.UPDATE_DOCS === '1')
    writeFileSync(
      page,
      text.replace(TABLES, () => keyTables()),
    );
  expect(TABLES.exec(readFileSync(page, 'utf8'))?.[0]).toBe(keyTables());
});
