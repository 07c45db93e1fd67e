import { PLAIN_NETWORK } from '../container-options.ts';
import type { FleetModel, IpamSpec, NetworkAttachment, NetworkSpec, ServiceSpec, VolumeSpec } from '../model.ts';
import type { ReadContext } from './context.ts';
import {
  expectBoolean,
  expectList,
  expectName,
  expectNumber,
  expectPairs,
  expectTextList,
  expectTextMap,
} from './expect.ts';
import { Fields } from './fields.ts';
import { IPAM_KEYS, IPAM_POOL_KEYS, NETWORK_KEYS, SERVICE_NETWORK_KEYS, VOLUME_KEYS } from './keys.ts';
import { invalid, type Place, sentence } from './place.ts';
import { type Entry, isNull, type Tree } from './tree.ts';
import type { Told } from './warnings.ts';

const PLAIN_VOLUME: VolumeSpec = { name: null, external: false, driver: null, driverOptions: {}, labels: {} };

export function entriesOf(tree: Tree | null): Entry[] {
  return tree === null ? [] : [...new Fields(tree).tree.entries.values()];
}

/** `external: true`, or the old `external: {name: N}`. */
export function readExternal(fields: Fields): { external: boolean; name: string | null } {
  const tree = fields.take('external');
  const name = fields.read('name', (value) => expectName(value), null);
  if (tree?.type !== 'map') return { external: tree === null ? false : expectBoolean(tree), name };
  const inner = new Fields(tree);
  return { external: true, name: inner.read('name', (value) => expectName(value), name) };
}

function readIpam(tree: Tree, told: Told): IpamSpec {
  const fields = new Fields(tree);
  const optional = (inner: Fields, key: string) => inner.read(key, (value) => expectName(value), null);
  const ipam = {
    driver: optional(fields, 'driver'),
    options: fields.read('options', expectTextMap, {}),
    pools: fields
      .read('config', (value) => expectList(value).items, [])
      .map((item) => {
        const pool = new Fields(item);
        pool.warn(IPAM_POOL_KEYS, told);
        return {
          subnet: optional(pool, 'subnet'),
          ipRange: optional(pool, 'ip_range'),
          gateway: optional(pool, 'gateway'),
          auxAddresses: pool.read('aux_addresses', expectTextMap, {}),
        };
      }),
  };
  fields.warn(IPAM_KEYS, told);
  return ipam;
}

function readNetwork(tree: Tree, told: Told): NetworkSpec {
  const fields = new Fields(tree);
  fields.warn(NETWORK_KEYS, told);
  return {
    ...readExternal(fields),
    internal: fields.read('internal', expectBoolean, false),
    driver: fields.read('driver', (inner) => expectName(inner), null),
    driverOptions: fields.read('driver_opts', expectTextMap, {}),
    attachable: fields.read('attachable', expectBoolean, false),
    enableIpv6: fields.read('enable_ipv6', expectBoolean, false),
    labels: fields.read('labels', expectTextMap, {}),
    ipam: fields.read('ipam', (inner) => readIpam(inner, told), null),
  };
}

/** The top level's `networks`. */
export function readNetworks(tree: Tree | null, told: Told): FleetModel['networks'] {
  return Object.fromEntries(
    entriesOf(tree).map(({ key, value }) => [key, isNull(value) ? PLAIN_NETWORK : readNetwork(value, told)]),
  );
}

function readVolume(tree: Tree, told: Told): VolumeSpec {
  const fields = new Fields(tree);
  fields.warn(VOLUME_KEYS, told);
  return {
    ...readExternal(fields),
    driver: fields.read('driver', (inner) => expectName(inner), null),
    driverOptions: fields.read('driver_opts', expectTextMap, {}),
    labels: fields.read('labels', expectTextMap, {}),
  };
}

/** The top level's `volumes`. */
export function readVolumes(tree: Tree | null, told: Told): FleetModel['volumes'] {
  return Object.fromEntries(
    entriesOf(tree).map(({ key, value }) => [key, isNull(value) ? PLAIN_VOLUME : readVolume(value, told)]),
  );
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

const PLAIN_ATTACHMENT: NetworkAttachment = {
  ipv4: null,
  ipv6: null,
  linkLocalIps: [],
  macAddress: null,
  driverOptions: {},
  priority: 0,
};

function readAttachment(fields: Fields): NetworkAttachment {
  return {
    ipv4: fields.read('ipv4_address', (value) => expectName(value), null),
    ipv6: fields.read('ipv6_address', (value) => expectName(value), null),
    linkLocalIps: fields.read('link_local_ips', (value) => expectTextList(value), []),
    macAddress: fields.read('mac_address', (value) => expectName(value), null),
    driverOptions: fields.read('driver_opts', expectTextMap, {}),
    priority: fields.read('priority', (value) => expectNumber(value, { min: -1_000_000, max: 1_000_000 }), 0),
  };
}

export interface ServiceNetworks {
  readonly networks: ServiceSpec['networks'];
  readonly attachments: Readonly<Record<string, NetworkAttachment>>;
}

/** A service's `networks`; without any it is on the `default` one. */
export function readServiceNetworks(tree: Tree | null, context: ReadContext): ServiceNetworks {
  if (tree === null) return { networks: { default: [] }, attachments: {} };
  const networks: Record<string, readonly string[]> = {};
  const attachments: Record<string, NetworkAttachment> = {};
  if (tree.type !== 'map') {
    for (const item of expectList(tree, 'a list of networks, or a mapping of them').items) {
      const name = expectName(item);
      checkNetwork(name, item.place, context);
      networks[name] = [];
    }
    return { networks, attachments };
  }
  for (const { key, keyPlace, value } of tree.entries.values()) {
    checkNetwork(key, keyPlace, context);
    networks[key] = [];
    if (isNull(value)) continue;
    const fields = new Fields(value);
    networks[key] = fields.read('aliases', (inner) => expectTextList(inner), []);
    const attachment = readAttachment(fields);
    if (JSON.stringify(attachment) !== JSON.stringify(PLAIN_ATTACHMENT)) attachments[key] = attachment;
    fields.warn(SERVICE_NETWORK_KEYS, context);
  }
  return { networks, attachments };
}

/** An address in IPv6 may stand in brackets, which engines do not take. */
const hostAddress = (text: string): string => text.replace(/^\[(.*)\]$/, '$1');

/** `extra_hosts` as `name:address`, from its list (`name=address` too) or mapping, where a name may have several. */
export function readExtraHosts(tree: Tree): string[] {
  if (tree.type === 'list') {
    return tree.items.map((item) => {
      const match = /^([^:=]+)[:=](.+)$/.exec(expectName(item, 'name=address'));
      if (!match) throw invalid(item.place, 'this host has no address', 'name=address');
      return `${match[1]}:${hostAddress(match[2] ?? '')}`;
    });
  }
  if (tree.type === 'map') {
    return [...tree.entries.values()].flatMap(({ key, keyPlace, value }) => {
      if (isNull(value)) throw invalid(keyPlace, `the host ${key} has no address`, 'name: address');
      const addresses = value.type === 'list' ? expectTextList(value) : [expectName(value, 'an address')];
      return addresses.map((address) => `${key}:${hostAddress(address)}`);
    });
  }
  return expectPairs(tree).map(({ key, value }) => `${key}:${value}`);
}
