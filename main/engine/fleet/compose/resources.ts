import { type RuntimeKind, ServiceId } from '../../../contract/index.ts';
import type { DialSpec, ResourceSpec } from '../model.ts';
import { expectBoolean, expectList, expectName, expectNumber, expectOneOf, expectText } from './expect.ts';
import { Fields } from './fields.ts';
import { invalid, type Place, sentence } from './place.ts';
import type { Tree } from './tree.ts';
import { readRuntimes } from './x-flotilla.ts';

/** The top level's `x-flotilla`, its services not yet checked against those that start. */
export interface FleetExtension {
  readonly dial: (DialSpec & { readonly place: Place }) | null;
  readonly resources: readonly (ResourceSpec & { readonly runtimes: readonly RuntimeKind[] | null })[];
  /** False: no service's calls pass links. */
  readonly links: boolean;
}

type Names = ReadonlySet<string>;

function readServiceName(fields: Fields, services: Names, what: string): ServiceId {
  const tree = fields.take('service');
  if (tree === null) throw invalid(fields.tree.place, `${what} names no service`, 'service: NAME');
  const name = expectName(tree, 'the name of a service');
  if (!services.has(name)) {
    throw invalid(tree.place, `${name} is not a service of this file`, `one of ${sentence([...services], 'or')}`);
  }
  return ServiceId.parse(name);
}

function readDial(tree: Tree, services: Names): FleetExtension['dial'] {
  const fields = new Fields(tree, '{service, port, path, unit, min, max}');
  const anyNumber = (value: Tree) => expectNumber(value, { min: 0, max: 1_000_000 });
  const dial = {
    service: readServiceName(fields, services, 'dial'),
    port: fields.read('port', (value) => expectName(value), 'http'),
    path: fields.read('path', (value) => expectName(value), '/rate'),
    unit: fields.read('unit', (value) => expectText(value), ''),
    min: fields.read('min', anyNumber, 0),
    max: fields.read('max', anyNumber, 100),
    place: tree.place,
  };
  fields.refuseRest('x-flotilla.dial');
  if (!dial.path.startsWith('/'))
    throw invalid(tree.place, `the path ${dial.path} is not absolute`, 'a path such as /rate');
  if (dial.max <= dial.min)
    throw invalid(tree.place, `the dial ends at ${dial.max} and starts at ${dial.min}`, 'max above min');
  return dial;
}

function readResource(tree: Tree, services: Names): FleetExtension['resources'][number] {
  const fields = new Fields(tree, '{service, kind, name, description, runtimes}');
  const service = readServiceName(fields, services, 'this resource');
  const kind = fields.read('kind', (value) => expectOneOf(value, ['topic', 'database', 'queue'] as const), null);
  const name = fields.read('name', (value) => expectName(value), null);
  const description = fields.read('description', (value) => expectText(value), '');
  const runtimes = fields.read('runtimes', readRuntimes, null);
  fields.refuseRest('a resource of x-flotilla');
  if (kind === null) throw invalid(tree.place, 'this resource has no kind', 'kind: topic, database or queue');
  if (name === null) throw invalid(tree.place, 'this resource has no name', 'name: NAME');
  return { service, kind, name, description, runtimes };
}

export function readFleetExtension(tree: Tree | null, services: Names): FleetExtension {
  if (tree === null) return { dial: null, resources: [], links: true };
  const fields = new Fields(tree, 'a mapping with dial, resources or links');
  const extension = {
    dial: fields.read('dial', (value) => readDial(value, services), null),
    resources: fields.read(
      'resources',
      (value) => expectList(value).items.map((item) => readResource(item, services)),
      [],
    ),
    links: fields.read('links', expectBoolean, true),
  };
  fields.refuseRest('x-flotilla');
  return extension;
}
