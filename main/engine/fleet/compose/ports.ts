import type { PortSpec } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectName, expectNumber, expectOneOf, expectPort, expectScalar } from './expect.ts';
import { Fields } from './fields.ts';
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

function pair(target: Range, host: Range | null, protocol: string, tree: Tree, context: ReadContext): PortSpec[] {
  const isFree = host !== null && sizeOf(host) > 1 && sizeOf(target) === 1;
  if (host !== null && !isFree && sizeOf(host) !== sizeOf(target)) {
    throw invalid(tree.place, 'the two ranges differ in length', 'as many host ports as container ports');
  }
  if (isFree) context.warnings.add(tree.place, tree.path, 'any free port is taken, not only one of this range');
  return Array.from({ length: sizeOf(target) }, (_, index) => ({
    name: String(target.from + index),
    containerPort: target.from + index,
    protocol,
    hostPort: host === null || isFree ? null : host.from + index,
    published: true,
    env: null,
  }));
}

function checkTransport(transport: string, tree: Tree, context: ReadContext): string {
  if (transport === 'tcp') return 'tcp';
  if (transport !== 'udp') throw invalid(tree.place, `${transport} is not a transport`, 'tcp or udp');
  context.warnings.add(
    tree.place,
    tree.path,
    'a UDP port is published by the Docker runtime alone, and carries no faults',
  );
  return 'udp';
}

function warnOfHostIp(ip: string, tree: Tree, context: ReadContext): void {
  if (LOOPBACK.has(ip)) return;
  context.warnings.add(
    tree.place,
    tree.path,
    `published on 127.0.0.1 instead of ${ip}: Flotilla listens on this machine alone`,
  );
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
  warnOfHostIp(ip.replace(/^\[|\]$/g, ''), tree, context);
  return pair(targets, hosts, protocol, tree, context);
}

function readLong(tree: Tree, context: ReadContext): PortSpec[] {
  const fields = new Fields(tree, SHORT);
  const target = fields.read('target', expectPort, null);
  if (target === null) throw invalid(tree.place, 'this port has no target', 'target: PORT');
  const published = fields.read('published', (value) => parseRange(expectName(value, 'a port'), value), null);
  const transport = fields.read('protocol', (value) => expectOneOf(value, ['tcp', 'udp']), 'tcp');
  const application = fields.read('app_protocol', (value) => expectName(value), null);
  const name = fields.read('name', (value) => expectName(value), null);
  fields.read('host_ip', (value) => warnOfHostIp(expectScalar(value, 'an address').text, value, context), undefined);
  fields.read('mode', (value) => expectOneOf(value, ['host', 'ingress']), null);
  fields.warnOfRest(context.warnings);
  const protocol = checkTransport(transport, tree, context);
  return pair({ from: target, to: target }, published, protocol, tree, context).map((port) => ({
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
  return pair(parseRange(range, tree), null, protocol, tree, context).map((port) => ({ ...port, published: false }));
}

/** A count of copies: `scale` and `deploy.replicas`. */
export const expectReplicas = (tree: Tree): number => expectNumber(tree, { min: 0, max: 100, integer: true });
