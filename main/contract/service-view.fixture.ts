import type { ServiceView } from './fleet.ts';
import type { ServiceId } from './ids.ts';

/** A service that runs and is well, for tests; `more` is what matters to one. */
export function serviceViewFixture(id: string, more: Partial<ServiceView> = {}): ServiceView {
  return {
    id: id as ServiceId,
    kind: 'service',
    description: '',
    image: null,
    state: 'running',
    health: 'healthy',
    reason: null,
    remedy: null,
    waitsFor: [],
    dependsOn: [],
    restarts: 0,
    failures: 0,
    exitCode: null,
    startedAt: null,
    nextStartAt: null,
    cpuPercent: null,
    memoryBytes: null,
    endpoints: [],
    instances: [],
    actions: [],
    ...more,
  };
}
