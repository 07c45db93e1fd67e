import type { FleetModel, ServiceSpec } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectBoolean, expectName, expectPairs, expectTextList } from './expect.ts';
import { Fields } from './fields.ts';
import { invalid, type Place, sentence } from './place.ts';
import { type Entry, isNull, type Tree } from './tree.ts';
import type { Warnings } from './warnings.ts';

function entriesOf(tree: Tree | null): Entry[] {
  return tree === null ? [] : [...new Fields(tree).tree.entries.values()];
}

/** The top level's `networks`. */
export function readNetworks(tree: Tree | null, warnings: Warnings): FleetModel['networks'] {
  const networks: Record<string, FleetModel['networks'][string]> = {};
  for (const { key, value } of entriesOf(tree)) {
    if (isNull(value)) {
      networks[key] = { external: false, internal: false, driver: null };
      continue;
    }
    const fields = new Fields(value);
    networks[key] = {
      external: fields.read('external', expectBoolean, false),
      internal: fields.read('internal', expectBoolean, false),
      driver: fields.read('driver', (inner) => expectName(inner), null),
    };
    fields.warnOfRest(warnings);
  }
  return networks;
}

/** Labels as a mapping; a name without a value has an empty one. */
export function readLabels(tree: Tree): Record<string, string> {
  return Object.fromEntries(expectPairs(tree).map(({ key, value }) => [key, value ?? '']));
}

/** The top level's `volumes`. */
export function readVolumes(tree: Tree | null, warnings: Warnings): FleetModel['volumes'] {
  const volumes: Record<string, FleetModel['volumes'][string]> = {};
  for (const { key, value } of entriesOf(tree)) {
    if (isNull(value)) {
      volumes[key] = { external: false, labels: {} };
      continue;
    }
    const fields = new Fields(value);
    volumes[key] = {
      external: fields.read('external', expectBoolean, false),
      labels: fields.read('labels', readLabels, {}),
    };
    fields.warnOfRest(warnings);
  }
  return volumes;
}

function checkNetwork(name: string, place: Place, context: ReadContext): void {
  if (name === 'default' || context.networks.has(name)) return;
  const known = ['default', ...context.networks];
  throw invalid(
    place,
    `there is no network ${name}`,
    `a network of the top level's networks: ${sentence(known, 'or')}`,
  );
}

/** A service's `networks`; without any it is on the `default` one. */
export function readServiceNetworks(tree: Tree | null, context: ReadContext): ServiceSpec['networks'] {
  if (tree === null) return { default: [] };
  const networks: Record<string, readonly string[]> = {};
  if (tree.type !== 'map') {
    expectTextList(tree, 'a list of networks, or a mapping of them');
    for (const item of tree.type === 'list' ? tree.items : []) {
      const name = expectName(item);
      checkNetwork(name, item.place, context);
      networks[name] = [];
    }
    return networks;
  }
  for (const { key, keyPlace, value } of tree.entries.values()) {
    checkNetwork(key, keyPlace, context);
    const fields = isNull(value) ? null : new Fields(value);
    networks[key] = fields?.read('aliases', (inner) => expectTextList(inner), []) ?? [];
    fields?.warnOfRest(context.warnings);
  }
  return networks;
}

/** `extra_hosts` as `name:address`, from its list (`name=address` too) or mapping. */
export function readExtraHosts(tree: Tree): string[] {
  if (tree.type === 'list') {
    return tree.items.map((item) => {
      const match = /^([^:=]+)[:=](.+)$/.exec(expectName(item, 'name=address'));
      if (!match) throw invalid(item.place, 'this host has no address', 'name=address');
      return `${match[1]}:${match[2]}`;
    });
  }
  return expectPairs(tree).map(({ key, value, tree: at }) => {
    if (!value) throw invalid(at.place, `the host ${key} has no address`, 'name: address');
    return `${key}:${value}`;
  });
}
