import type { BlkioOptions, ContainerOptions, DeviceRequest } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectByteSize, expectList, expectName, expectNumber, expectTextList, expectTextMap } from './expect.ts';
import { Fields } from './fields.ts';
import { BLKIO_KEYS, BLKIO_RATE_KEYS, BLKIO_WEIGHT_KEYS, DEVICE_KEYS, DEVICE_REQUEST_KEYS } from './keys.ts';
import { invalid } from './place.ts';
import type { Tree } from './tree.ts';

type Device = ContainerOptions['devices'][number];

const DEVICE = '"HOST[:CONTAINER[:rwm]]", or {source, target, permissions}';

/** An item of `devices`. A device by its CDI name (`vendor.com/class=name`) has no path in the container. */
export function readDevice(tree: Tree, context: ReadContext): Device {
  if (tree.type === 'map') {
    const fields = new Fields(tree, DEVICE);
    fields.warn(DEVICE_KEYS, context);
    const host = fields.read('source', (value) => expectName(value), null);
    if (host === null) throw invalid(tree.place, 'this device has no source', DEVICE);
    return {
      host,
      container: fields.read('target', (value) => expectName(value), host),
      permissions: fields.read('permissions', (value) => expectName(value), 'rwm'),
    };
  }
  const [host = '', second, third] = expectName(tree, DEVICE).split(':');
  // `/dev/null:r` has its permissions second.
  const isMode = second !== undefined && third === undefined && /^[rwm]{1,3}$/.test(second);
  return {
    host,
    container: isMode ? host : (second ?? host),
    permissions: (isMode ? second : third) ?? 'rwm',
  };
}

const ALL = -1;

function readRequest(tree: Tree, context: ReadContext, otherwise: readonly string[]): DeviceRequest {
  const fields = new Fields(tree, '{driver, count, device_ids, capabilities, options}');
  fields.warn(DEVICE_REQUEST_KEYS, context);
  const deviceIds = fields.read('device_ids', (value) => expectTextList(value), []);
  const count = fields.read(
    'count',
    (value) =>
      value.type === 'scalar' && value.text === 'all'
        ? ALL
        : expectNumber(value, { min: -1, max: 1000, integer: true }),
    null,
  );
  return {
    driver: fields.read('driver', (value) => expectName(value), null),
    count: count ?? (deviceIds.length === 0 ? ALL : null),
    deviceIds,
    capabilities: fields.read('capabilities', (value) => expectTextList(value), otherwise),
    options: fields.read('options', expectTextMap, {}),
  };
}

/** `deploy.resources.reservations.devices`. */
export function readDeviceRequests(tree: Tree, context: ReadContext): DeviceRequest[] {
  return expectList(tree).items.map((item) => readRequest(item, context, []));
}

/** `gpus`: `all`, or a list of requests. */
export function readGpus(tree: Tree, context: ReadContext): DeviceRequest[] {
  if (tree.type === 'scalar' && tree.text === 'all') {
    return [{ driver: null, count: ALL, deviceIds: [], capabilities: ['gpu'], options: {} }];
  }
  return expectList(tree, 'all, or a list of requests').items.map((item) => readRequest(item, context, ['gpu']));
}

const LARGEST_RATE = Number.MAX_SAFE_INTEGER;

/** `blkio_config`. */
export function readBlkio(tree: Tree, context: ReadContext): BlkioOptions {
  const fields = new Fields(tree);
  fields.warn(BLKIO_KEYS, context);
  const weight = (value: Tree) => expectNumber(value, { min: 0, max: 1000, integer: true });
  const devices = <T>(key: string, read: (device: Fields) => T): T[] =>
    fields.read(key, (value) => expectList(value).items, []).map((item) => read(new Fields(item)));
  const pathOf = (device: Fields): string => {
    const path = device.read('path', (value) => expectName(value), null);
    if (path === null) throw invalid(device.tree.place, 'this device has no path', 'path: PATH');
    return path;
  };
  const rates = (key: string, read: (value: Tree) => number) =>
    devices(key, (device) => {
      device.warn(BLKIO_RATE_KEYS, context);
      return { path: pathOf(device), rate: device.read('rate', read, 0) };
    });
  const operations = (value: Tree) => expectNumber(value, { min: 0, max: LARGEST_RATE, integer: true });
  return {
    weight: fields.read('weight', weight, null),
    weightDevices: devices('weight_device', (device) => {
      device.warn(BLKIO_WEIGHT_KEYS, context);
      return { path: pathOf(device), weight: device.read('weight', weight, 0) };
    }),
    readBps: rates('device_read_bps', expectByteSize),
    readIops: rates('device_read_iops', operations),
    writeBps: rates('device_write_bps', expectByteSize),
    writeIops: rates('device_write_iops', operations),
  };
}
