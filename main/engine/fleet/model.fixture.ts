import { ServiceId } from '../../contract/index.ts';
import { PLAIN_CONTAINER } from './container-options.ts';
import type { Dependency, FleetModel, Healthcheck, PortSpec, ServiceSpec } from './model.ts';

/** A service for tests: as the reader gives one that says nothing but its name, with what the test is about on top. */
export function serviceSpec(id: string, given: Partial<Omit<ServiceSpec, 'id'>> = {}): ServiceSpec {
  return {
    id: ServiceId.parse(id),
    kind: 'service',
    description: '',
    image: `test/${id}`,
    build: null,
    command: null,
    entrypoint: null,
    environment: {},
    workingDir: null,
    user: null,
    ports: [],
    dependsOn: [],
    healthcheck: null,
    restart: { policy: 'no', maxRetries: null },
    stopSignal: 'SIGTERM',
    stopGracePeriodMs: 2000,
    replicas: 1,
    limits: { cpus: null, memoryBytes: null },
    labels: {},
    mounts: [],
    networks: {},
    extraHosts: [],
    tty: false,
    files: [],
    process: null,
    container: PLAIN_CONTAINER,
    position: { file: '/nowhere/compose.yaml', line: 1, column: 1 },
    ...given,
  };
}

export function fleetModel(services: readonly ServiceSpec[], given: Partial<FleetModel> = {}): FleetModel {
  return {
    name: 'test-fleet',
    file: '/nowhere/compose.yaml',
    directory: '/nowhere',
    files: ['/nowhere/compose.yaml'],
    services,
    dial: null,
    resources: [],
    volumes: {},
    networks: {},
    warnings: [],
    ...given,
  };
}

export function dependency(service: string, condition: Dependency['condition'] = 'service_healthy'): Dependency {
  return { service: ServiceId.parse(service), condition, required: true, restart: false };
}

export function port(name: string, containerPort: number, given: Partial<PortSpec> = {}): PortSpec {
  return {
    name,
    containerPort,
    protocol: 'http',
    hostPort: null,
    published: false,
    publications: [],
    env: null,
    ...given,
  };
}

export function healthcheck(given: Partial<Healthcheck> = {}): Healthcheck {
  return {
    http: null,
    tcp: null,
    test: { words: ['healthy'], shell: false },
    intervalMs: 1000,
    timeoutMs: 500,
    retries: 3,
    startPeriodMs: 0,
    startIntervalMs: 250,
    ...given,
  };
}
