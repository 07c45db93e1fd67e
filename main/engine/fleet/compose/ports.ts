import type { PortSpec, Publication } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectName, expectNumber, expectOneOf, expectPort, expectScalar, expectText } from './expect.ts';
import { Fields } from './fields.ts';
import { PORT_KEYS } from './keys.ts';
import { invalid } from './place.ts';
import { describeTree, type Tree } from './tree.ts';

const SHORT = '8080, "8080:80", "127.0.0.1:8080:80" or a range such as "9000-9005:8000-8005"';
const LONGEST_RANGE = 1000;

interface Range {
  readonly from: number;
  readonly to: number;
}

const PORTS = { from: 1, to: 65_535 };
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost', '']);

function parseRange(text: string, tree: Tree): Range {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const from = Number(match?.[1]);
  const to = match?.[2] === undefined ? from : Number(match[2]);
  if (!match || from < PORTS.from || to > PORTS.to) {
    throw invalid(
      tree.place,
      `${text === '' ? 'nothing' : text} is not a port`,
      'a port from 1 to 65535, or a range of them',
    );
  }
  if (to < from || to - from >= LONGEST_RANGE) {
    throw invalid(tree.place, `${text} is not a range`, `the lower port first, and at most ${LONGEST_RANGE} ports`);
  }
  return { from, to };
}

const sizeOf = (range: Range): number => range.to - range.from + 1;

interface Where {
  /** Null: the file names none. */
  readonly hostIp: string | null;
  readonly hosts: Range | null;
}

function pair(target: Range, { hostIp, hosts }: Where, protocol: string, tree: Tree, context: ReadContext): PortSpec[] {
  const isFree = hosts !== null && sizeOf(hosts) > 1 && sizeOf(target) === 1;
  if (hosts !== null && !isFree && sizeOf(hosts) !== sizeOf(target)) {
    throw invalid(tree.place, 'the two ranges differ in length', 'as many host ports as container ports');
  }
  if (isFree && context.runtime !== 'docker') {
    context.warnings.add(tree.place, tree.path, 'any free port is taken, not only one of this range');
  }
  return Array.from({ length: sizeOf(target) }, (_, index) => {
    const hostPort = hosts === null || isFree ? null : hosts.from + index;
    const fixed = hostPort === null ? null : { from: hostPort, to: hostPort };
    const publication: Publication = { hostIp, hostPorts: isFree ? hosts : fixed };
    return {
      name: String(target.from + index),
      containerPort: target.from + index,
      protocol,
      hostPort,
      published: true,
      publications: [publication],
      env: null,
    };
  });
}

function checkTransport(transport: string, tree: Tree, context: ReadContext): string {
  if (transport === 'tcp') return 'tcp';
  if (transport !== 'udp') throw invalid(tree.place, `${transport} is not a transport`, 'tcp or udp');
  if (context.runtime !== 'docker') {
    const message = 'a UDP port is published by the Docker runtime alone, and carries no faults';
    context.warnings.add(tree.place, tree.path, message);
  }
  return 'udp';
}

/** An address of this machine; null where none is named. */
function readHostIp(ip: string, tree: Tree, context: ReadContext): string | null {
  const address = ip.replace(/^\[|\]$/g, '');
  if (context.runtime !== 'docker' && !LOOPBACK.has(address)) {
    const message = `published on 127.0.0.1 instead of ${address}: Flotilla listens on this machine alone`;
    context.warnings.add(tree.place, tree.path, message);
  }
  return address === '' ? null : address === 'localhost' ? '127.0.0.1' : address;
}

function readShort(tree: Tree, context: ReadContext): PortSpec[] {
  const { text } = expectScalar(tree, SHORT);
  const match = /^(?:(?:(?<ip>\[[^\]]*\]|[^:]*):)?(?<host>[^:]*):)?(?<target>[^:/]*)(?:\/(?<transport>\w+))?$/.exec(
    text,
  );
  const { ip = '', host = '', target = '', transport = 'tcp' } = match?.groups ?? {};
  if (!match) throw invalid(tree.place, `${describeTree(tree)} is not a port`, SHORT);
  const protocol = checkTransport(transport, tree, context);
  const targets = parseRange(target, tree);
  const hosts = host === '' ? null : parseRange(host, tree);
  return pair(targets, { hostIp: readHostIp(ip, tree, context), hosts }, protocol, tree, context);
}

function readLong(tree: Tree, context: ReadContext): PortSpec[] {
  const fields = new Fields(tree, SHORT);
  const target = fields.read('target', expectPort, null);
  if (target === null) throw invalid(tree.place, 'this port has no target', 'target: PORT');
  const published = fields.read('published', (value) => parseRange(expectName(value, 'a port'), value), null);
  const transport = fields.read('protocol', (value) => expectOneOf(value, ['tcp', 'udp']), 'tcp');
  const application = fields.read('app_protocol', (value) => expectName(value), null);
  const name = fields.read('name', (value) => expectName(value), null);
  const hostIp = fields.read('host_ip', (value) => readHostIp(expectText(value, 'an address'), value, context), null);
  fields.read('mode', (value) => expectOneOf(value, ['host', 'ingress']), null);
  fields.warn(PORT_KEYS, context);
  const protocol = checkTransport(transport, tree, context);
  const where = { hostIp, hosts: published };
  return pair({ from: target, to: target }, where, protocol, tree, context).map((port) => ({
    ...port,
    name: name ?? port.name,
    protocol: protocol === 'tcp' ? (application ?? 'tcp') : protocol,
  }));
}

/** An item of `ports`, in Compose's short or long form; a range gives a port each. */
export function readPublishedPort(tree: Tree, context: ReadContext): PortSpec[] {
  return tree.type === 'map' ? readLong(tree, context) : readShort(tree, context);
}

/** An item of `expose`: `3000`, `"8000-8010"`, `"3000/tcp"`. */
export function readExposedPort(tree: Tree, context: ReadContext): PortSpec[] {
  const { text } = expectScalar(tree, 'a port or a range such as "8000-8010"');
  const [range = '', transport = 'tcp'] = text.split('/');
  const protocol = checkTransport(transport, tree, context);
  const ports = pair(parseRange(range, tree), { hostIp: null, hosts: null }, protocol, tree, context);
  return ports.map((port) => ({ ...port, published: false, publications: [] }));
}

/** A count of copies: `scale` and `deploy.replicas`. */
export const expectReplicas = (tree: Tree): number => expectNumber(tree, { min: 0, max: 100, integer: true });
