import { type FleetView, isServiceUp, type ServiceView, type TopologyNode } from '../../main/contract/index.ts';
import { formatSpan, plural } from '../ui/format.ts';
import type { Tone } from '../ui/state-shape.tsx';

export interface Status {
  readonly tone: Tone;
  /** One or two words. */
  readonly word: string;
}

const RUNNING: Record<ServiceView['health'], Status> = {
  healthy: { tone: 'ok', word: 'Healthy' },
  none: { tone: 'ok', word: 'Running' },
  unknown: { tone: 'busy', word: 'Not checked yet' },
  starting: { tone: 'busy', word: 'Starting' },
  unhealthy: { tone: 'error', word: 'Unhealthy' },
};

/** How a service is, as a shape with a colour and as words. Waiting and starting are never shown as broken. */
export function serviceStatus(service: Pick<ServiceView, 'state' | 'health'>): Status {
  switch (service.state) {
    case 'running':
      return RUNNING[service.health];
    case 'waiting':
      return { tone: 'busy', word: 'Waiting' };
    case 'starting':
      return { tone: 'busy', word: 'Starting' };
    case 'stopping':
      return { tone: 'busy', word: 'Stopping' };
    case 'paused':
      return { tone: 'warn', word: 'Paused' };
    case 'backoff':
      return { tone: 'error', word: 'Restarting' };
    case 'failed':
      return { tone: 'error', word: 'Failed' };
    case 'exited':
      return { tone: 'idle', word: 'Completed' };
    case 'stopped':
      return { tone: 'idle', word: 'Stopped' };
  }
}

const NODE: Record<TopologyNode['health'], Status> = {
  healthy: { tone: 'ok', word: 'Healthy' },
  none: { tone: 'idle', word: '' },
  unknown: { tone: 'idle', word: 'Unknown' },
  starting: { tone: 'busy', word: 'Starting' },
  unhealthy: { tone: 'error', word: 'Unhealthy' },
  stopped: { tone: 'idle', word: 'Stopped' },
};

/** How a node is: the service's own word where it is one, else what the topology says. */
export function nodeStatus(node: TopologyNode, service: ServiceView | null): Status {
  return service && service.id === (node.id as string) ? serviceStatus(service) : NODE[node.health];
}

/** What a service that is not up yet is waiting for, as a sentence; null when it waits for nothing. */
export function waitSentence(service: ServiceView, nowMs: number): string | null {
  if (service.state === 'waiting' && service.waitsFor.length > 0) return `waits for ${service.waitsFor.join(', ')}`;
  if (service.state === 'backoff' && service.nextStartAt) {
    return `starts again in ${formatSpan(Math.max(0, Date.parse(service.nextStartAt) - nowMs))}`;
  }
  return null;
}

/** The fleet in the top bar: `Degraded · 13 of 14 healthy`. */
export function fleetStatus(fleet: FleetView): Status {
  const up = fleet.services.filter(isServiceUp).length;
  const counted = `${up} of ${fleet.services.length} healthy`;
  switch (fleet.state) {
    case 'healthy':
      return { tone: 'ok', word: `Healthy · ${plural(fleet.services.length, 'service')}` };
    case 'degraded':
      return { tone: 'warn', word: `Degraded · ${counted}` };
    case 'starting':
      return { tone: 'busy', word: `Starting · ${counted}` };
    case 'stopping': {
      const left = fleet.services.filter((service) => service.state !== 'stopped' && service.state !== 'exited').length;
      return { tone: 'busy', word: `Stopping · ${plural(left, 'service')} left` };
    }
    case 'stopped':
      return { tone: 'idle', word: 'Stopped' };
  }
}
