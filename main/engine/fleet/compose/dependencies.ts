import { FlotillaError } from '../../../contract/index.ts';
import { nearest } from './nearest.ts';
import { invalid, sentence } from './place.ts';
import type { ServiceOutline } from './service.ts';

type Outlines = ReadonlyMap<string, ServiceOutline>;

function checkNames(services: Outlines): void {
  for (const { entry, dependencies } of services.values()) {
    for (const { service, place } of dependencies) {
      if (services.has(service)) continue;
      const names = [...services.keys()];
      const close = nearest(service, names);
      const detail = `${entry.key} depends on ${service}, which is not a service of this file`;
      throw invalid(place, detail, close ?? `one of ${sentence(names, 'or')}`);
    }
  }
}

/** Depth first; `trail` is the way from where the search began to `name`, which is its last. */
function checkCycles(trail: readonly string[], services: Outlines, done: Set<string>): void {
  const name = trail.at(-1) ?? '';
  if (done.has(name)) return;
  for (const { service, place } of services.get(name)?.dependencies ?? []) {
    const start = trail.indexOf(service);
    if (start >= 0) {
      const cycle = [...trail.slice(start), service].join(' -> ');
      throw new FlotillaError('FLEET_CYCLE', { file: place.file, line: place.line, column: place.column, cycle });
    }
    checkCycles([...trail, service], services, done);
  }
  done.add(name);
}

/** Refuses dependencies on services that the file does not have, and services that wait for each other. */
export function checkDependencies(services: Outlines): void {
  checkNames(services);
  const done = new Set<string>();
  for (const name of services.keys()) checkCycles([name], services, done);
}

/**
 * The services that are started: those without profiles, those of a profile that was asked for (`*`: all), and what
 * these require, whatever its profiles; of all these, those that are for this runtime.
 */
export function activeServices(services: Outlines, profiles: ReadonlySet<string>): Set<string> {
  const isOn = ({ profiles: own }: ServiceOutline) =>
    own.length === 0 || profiles.has('*') || own.some((profile) => profiles.has(profile));
  const active = new Set<string>();
  const pending = [...services.values()].filter((one) => one.isHere && isOn(one)).map(({ entry }) => entry.key);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (active.has(name) || services.get(name)?.isHere === false) continue;
    active.add(name);
    const required = services.get(name)?.dependencies.filter((dependency) => dependency.required) ?? [];
    pending.push(...required.map((dependency) => dependency.service));
  }
  return active;
}
