import type { ServiceId } from '../../../../contract/index.ts';
import type { BuildSpec, FleetModel, ServiceSpec } from '../../../fleet/index.ts';
import { imageOf, withTag } from './image-name.ts';

/** An image that a fleet needs, once for all services that use it. */
export interface ImageNeed {
  readonly image: string;
  readonly services: readonly ServiceId[];
  /** Null: it is pulled. */
  readonly build: BuildSpec | null;
  /** The names that a build gives to its image, `image` first. */
  readonly names: readonly string[];
  /** `always`: asked for anew at each start. `never`: has to be there. `build`: built at each start. */
  readonly policy: 'missing' | 'always' | 'never' | 'build';
  readonly platform: string | null;
}

/**
 * The images of a fleet, those first that others wait for. Services that build the same (context, Dockerfile, arguments)
 * share one need, whatever they call the result.
 */
export function imageNeeds(model: FleetModel): ImageNeed[] {
  const needs = new Map<string, ImageNeed>();
  const builders = new Map(model.services.filter((one) => one.build).map((one) => [imageOf(model, one), one]));
  for (const spec of byDependency(model.services)) {
    const name = imageOf(model, spec);
    // A service that gives only the name of what another one builds waits for that.
    const source = spec.build === null ? (builders.get(name) ?? spec) : spec;
    const key = source.build === null ? name : JSON.stringify([source.build, source.container.platform]);
    const known = needs.get(key);
    needs.set(key, known === undefined ? needOf(source, spec.id, name) : sharing(known, spec.id, name));
  }
  return [...needs.values()];
}

function needOf({ build, container }: ServiceSpec, service: ServiceId, image: string): ImageNeed {
  return {
    image,
    services: [service],
    build,
    names: [image, ...(build?.tags ?? []).map(withTag)],
    policy: container.pullPolicy,
    platform: build?.platform ?? container.platform,
  };
}

function sharing(need: ImageNeed, service: ServiceId, image: string): ImageNeed {
  return { ...need, services: [...need.services, service], names: [...new Set([...need.names, image])] };
}

/** Dependencies before those that depend on them, otherwise in the file's order. */
function byDependency(services: readonly ServiceSpec[]): ServiceSpec[] {
  const specs = new Map(services.map((one) => [one.id, one]));
  const ordered = new Set<ServiceSpec>();
  const visit = (spec: ServiceSpec, path: ReadonlySet<ServiceId>): void => {
    if (ordered.has(spec) || path.has(spec.id)) return;
    for (const { service } of spec.dependsOn) {
      const other = specs.get(service);
      if (other !== undefined) visit(other, new Set([...path, spec.id]));
    }
    ordered.add(spec);
  };
  for (const spec of services) visit(spec, new Set());
  return [...ordered];
}
