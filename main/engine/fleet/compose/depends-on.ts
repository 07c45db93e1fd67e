import { ServiceId } from '../../../contract/index.ts';
import type { Dependency } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectBoolean, expectList, expectName, expectOneOf } from './expect.ts';
import { Fields } from './fields.ts';
import { DEPENDENCY_KEYS } from './keys.ts';
import { invalid, type Place } from './place.ts';
import type { Tree } from './tree.ts';

const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'] as const;

export interface PlacedDependency extends Dependency {
  readonly place: Place;
}

/** `depends_on`, a list of names or a mapping with conditions. Whether the services exist is checked later. */
export function readDependsOn(tree: Tree, context: ReadContext): PlacedDependency[] {
  if (tree.type !== 'map') {
    return expectList(tree, 'a list of services, or a mapping of them').items.map((item) => ({
      service: ServiceId.parse(expectName(item, 'the name of a service')),
      condition: 'service_started',
      required: true,
      restart: false,
      place: item.place,
    }));
  }
  return [...tree.entries.values()].map(({ key, keyPlace, value }) => {
    if (key === '') throw invalid(keyPlace, 'a dependency has no name', 'the name of a service');
    const fields = new Fields(value, '{condition, required, restart}');
    const condition = fields.read('condition', (inner) => expectOneOf(inner, CONDITIONS), 'service_started');
    const required = fields.read('required', expectBoolean, true);
    const restart = fields.read('restart', expectBoolean, false);
    fields.warn(DEPENDENCY_KEYS, context);
    return { service: ServiceId.parse(key), condition, required, restart, place: keyPlace };
  });
}
