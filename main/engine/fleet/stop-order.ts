import type { ServiceId } from '../../contract/index.ts';
import { dependentsOf } from './lifecycle/dependencies.ts';
import type { ServiceSpec } from './model.ts';

/** By then what was asked to end takes no new work: whom it called may be asked too, while it finishes what it has. */
const LEAD_MS = 300;
const lead = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LEAD_MS));
/** What others keep their data in goes last: they may need it until their very end. */
const KEEPERS: ReadonlySet<ServiceSpec['kind']> = new Set(['database', 'broker', 'cache', 'queue']);

/**
 * Stops services, each after those that depend on it: a database once they have ended, any other service shortly after
 * they were asked to, so that a chain of services that each take a while to end does not take the sum of it.
 */
export async function stopInOrder(
  services: readonly ServiceSpec[],
  stop: (service: ServiceId) => Promise<void>,
): Promise<void> {
  const dependents = dependentsOf(services);
  const begun = new Map<ServiceId, { asked: Promise<void>; ended: Promise<void> }>();
  const begin = (spec: ServiceSpec): { asked: Promise<void>; ended: Promise<void> } => {
    const known = begun.get(spec.id);
    if (known !== undefined) return known;
    const before = services.filter((one) => dependents.get(spec.id)?.includes(one.id)).map(begin);
    const theirEnd = Promise.all(before.map((one) => one.ended));
    const theirLead = Promise.all(before.map((one) => one.asked)).then(lead);
    const mayStop = KEEPERS.has(spec.kind) || before.length === 0 ? theirEnd : Promise.race([theirEnd, theirLead]);
    // The stop itself begins at once; it is its end that takes time.
    const stopping = mayStop.then(() => ({ ended: stop(spec.id) }));
    const entry = { asked: stopping.then(() => undefined), ended: stopping.then((one) => one.ended) };
    begun.set(spec.id, entry);
    return entry;
  };
  await Promise.all(services.map((spec) => begin(spec).ended));
}
