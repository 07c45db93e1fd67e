import path from 'node:path';
import { RuntimeKind, ServiceKind } from '../../../contract/index.ts';
import { readWords } from './command.ts';
import type { ReadContext } from './context.ts';
import { expectBoolean, expectList, expectName, expectOneOf, expectPairs, expectPort, expectText } from './expect.ts';
import { Fields } from './fields.ts';
import { invalid, type Place, sentence } from './place.ts';
import type { Tree } from './tree.ts';

export const PROTOCOLS = ['http', 'grpc', 'postgres', 'kafka', 'redis', 'amqp', 'tcp'] as const;

export interface NamedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string | null;
  readonly env: string | null;
  readonly place: Place;
}

/** A service's `x-flotilla`. */
export interface ServiceExtension {
  /** What it runs on; on others the service is left out. Null: on all. */
  readonly runtimes: readonly RuntimeKind[] | null;
  readonly kind: ServiceKind | null;
  readonly description: string;
  readonly ports: readonly NamedPort[];
  readonly health: Tree | null;
  readonly process: ProcessExtension | null;
  /** False: its calls pass no links. */
  readonly links: boolean;
}

/** `x-flotilla.process`: a command, or without one a change to what the container would run. */
export interface ProcessExtension {
  /** Empty: the service's own. */
  readonly command: readonly string[];
  /** Absolute; null where it is not given. */
  readonly cwd: string | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly place: Place;
}

export const NO_EXTENSION: ServiceExtension = {
  runtimes: null,
  kind: null,
  description: '',
  ports: [],
  health: null,
  process: null,
  links: true,
};

const RUNTIMES = `a list of ${sentence(RuntimeKind.options, 'or')}`;

/** `runtimes` of a service, or of what is inside one. */
export function readRuntimes(tree: Tree): readonly RuntimeKind[] {
  const runtimes = expectList(tree, RUNTIMES).items.map((item) => expectOneOf(item, RuntimeKind.options));
  if (runtimes.length > 0) return runtimes;
  throw invalid(tree.place, 'this would be nowhere', RUNTIMES);
}

function readNamedPort(tree: Tree): NamedPort {
  const fields = new Fields(tree, '{name, port, protocol, env}');
  const port = fields.read('port', expectPort, null);
  const name = fields.read('name', (value) => expectName(value), null);
  const protocol = fields.read('protocol', (value) => expectOneOf(value, PROTOCOLS), null);
  const env = fields.read('env', (value) => expectName(value, 'the name of an environment variable'), null);
  fields.refuseRest('a port of x-flotilla');
  if (port === null) throw invalid(tree.place, 'this port has no number', 'port: NUMBER');
  return { name: name ?? String(port), port, protocol, env, place: tree.place };
}

function readPorts(tree: Tree): NamedPort[] {
  const ports = expectList(tree, 'a list of {name, port, protocol, env}').items.map(readNamedPort);
  for (const [index, port] of ports.entries()) {
    const twin = ports.slice(0, index).find((other) => other.name === port.name || other.port === port.port);
    if (twin) throw invalid(port.place, `${twin.name} (${twin.port}) is there already`, 'each port and each name once');
  }
  return ports;
}

function readProcess(tree: Tree, context: ReadContext): ProcessExtension {
  const fields = new Fields(tree, '{command, cwd, environment}');
  const command = fields.read('command', (value) => readWords(value, context), []);
  const { directory, lookup } = context.scopeOf(tree.place);
  const cwd = fields.read('cwd', (value) => path.resolve(directory, expectName(value, 'a folder')), null);
  const environment: Record<string, string> = {};
  for (const { key, value } of fields.read('environment', expectPairs, [])) {
    const known = value ?? lookup(key);
    if (known !== undefined) environment[key] = known;
  }
  fields.refuseRest('x-flotilla.process');
  return { command, cwd, environment, place: tree.place };
}

/** Whether a service with this `x-flotilla` is of a fleet on that runtime. */
export function runsOn(tree: Tree | null, runtime: RuntimeKind): boolean {
  if (tree === null) return true;
  return new Fields(tree).read('runtimes', readRuntimes, null)?.includes(runtime) ?? true;
}

export function readServiceExtension(tree: Tree, context: ReadContext): ServiceExtension {
  const fields = new Fields(tree, 'a mapping with runtimes, kind, description, ports, health, process or links');
  const extension: ServiceExtension = {
    runtimes: fields.read('runtimes', readRuntimes, null),
    kind: fields.read('kind', (value) => expectOneOf(value, ServiceKind.options), null),
    description: fields.read('description', (value) => expectText(value), ''),
    ports: fields.read('ports', readPorts, []),
    health: fields.take('health'),
    process: fields.read('process', (value) => readProcess(value, context), null),
    links: fields.read('links', expectBoolean, true),
  };
  fields.refuseRest('x-flotilla');
  return extension;
}
