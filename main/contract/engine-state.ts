import type { EngineChange, EngineState } from './engine.ts';
import type { ServiceView } from './fleet.ts';
import type { ImageProgress } from './images.ts';

const MARKS_KEPT = 2000;

function putService(services: readonly ServiceView[], service: ServiceView): ServiceView[] {
  const known = services.some((one) => one.id === service.id);
  return known ? services.map((one) => (one.id === service.id ? service : one)) : [...services, service];
}

function putImage(images: readonly ImageProgress[], image: ImageProgress): ImageProgress[] {
  const known = images.some((one) => one.image === image.image);
  return known ? images.map((one) => (one.image === image.image ? image : one)) : [...images, image];
}

/** What a fleet has many of, which travels by itself. */
const lists = ({ fleet }: EngineState) => ({ services: fleet?.services ?? [], images: fleet?.images ?? [] });

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

function withStats(service: ServiceView, stats: Extract<EngineChange, { kind: 'stats' }>['stats']): ServiceView {
  const mine = stats.filter((one) => one.service === service.id);
  if (mine.length === 0) return service;
  const instances = service.instances.map((instance) => {
    const measured = mine.find((one) => one.instance === instance.id);
    if (measured === undefined) return instance;
    const { service: _service, instance: _instance, ...usage } = measured;
    return { ...instance, ...usage };
  });
  return {
    ...service,
    instances,
    cpuPercent: sum(instances.map((one) => one.cpuPercent)),
    memoryBytes: sum(instances.map((one) => one.memoryBytes)),
  };
}

/** The state after a change. Pure, and used on both sides, so that engine and clients cannot drift apart. */
export function applyEngineChange(state: EngineState, change: EngineChange): EngineState {
  switch (change.kind) {
    case 'service':
      return state.fleet
        ? { ...state, fleet: { ...state.fleet, services: putService(state.fleet.services, change.service) } }
        : state;
    case 'fleet':
      return { ...state, fleet: change.fleet ? { ...change.fleet, ...lists(state) } : null };
    case 'image':
      return state.fleet
        ? { ...state, fleet: { ...state.fleet, images: putImage(state.fleet.images, change.image) } }
        : state;
    case 'stats':
      return state.fleet
        ? {
            ...state,
            fleet: { ...state.fleet, services: state.fleet.services.map((one) => withStats(one, change.stats)) },
          }
        : state;
    case 'mark':
      return {
        ...state,
        marks: [...state.marks.filter((mark) => mark.id !== change.mark.id), change.mark].slice(-MARKS_KEPT),
      };
    case 'links':
      return { ...state, links: change.links };
    case 'faults':
      return { ...state, chaos: { ...state.chaos, faults: change.faults, isBlocked: change.isBlocked } };
    case 'experiment':
      return { ...state, chaos: { ...state.chaos, experiment: change.experiment } };
    case 'problems':
      return { ...state, problems: change.problems };
  }
}
