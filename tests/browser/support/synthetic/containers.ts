import {
  type ApiHandlers,
  type AttachList,
  type Capability,
  type ContainerEntry,
  FlotillaError,
  fixRange,
  type ImageProgress,
  type MetricSeries,
  type RuntimeView,
  type ServiceId,
} from '../../../../main/contract/index.ts';
import { noise } from './random.ts';
import type { World } from './world.ts';

type Answers = Pick<ApiHandlers, 'service.inspect' | 'service.files' | 'service.file' | 'metrics.series'>;

const file = (name: string, content: string | Uint8Array): [ContainerEntry, string | Uint8Array] => [
  { name, kind: 'file', sizeBytes: content.length, mode: 0o644, modifiedAt: '2026-11-20T08:00:00Z', target: null },
  content,
];
const plain = (name: string, kind: 'folder' | 'link', target: string | null = null): [ContainerEntry, string] => [
  { name, kind, sizeBytes: 0, mode: kind === 'folder' ? 0o755 : 0o777, modifiedAt: null, target },
  '',
];

const TREE: Readonly<Record<string, readonly [ContainerEntry, string | Uint8Array][]>> = {
  '/': [plain('app', 'folder'), plain('empty', 'folder'), plain('etc', 'folder'), plain('bin', 'link', 'usr/bin')],
  '/app': [
    file(
      'core.bin',
      Uint8Array.from({ length: 64 }, (_, index) => 255 - index),
    ),
    file('main.cjs', "require('./telemetry.cjs');\nconsole.log('orders is up');\n"),
    file('trace.log', 'one line of many\n'.repeat(200_000)),
  ],
  '/empty': [],
  '/etc': [file('hosts', '127.0.0.1 localhost\n172.20.0.4 orders\n')],
};

function inspection(service: string, instance: number, reveal: boolean): Record<string, unknown> {
  const failed = service === 'payments';
  return {
    Id: '4bf92f3577b34da6a3ce929d0e0e47364bf92f3577b34da6a3ce929d0e0e4736',
    Name: `/shop-${service}-${instance}`,
    Config: {
      Image: `shop-${service}`,
      Env: [
        'LOG_LEVEL=info',
        `DATABASE_URL=${reveal ? `postgres://${service}:secret@postgres/${service}` : '••••••••'}`,
      ],
    },
    State: {
      Status: 'running',
      OOMKilled: failed,
      ExitCode: failed ? 137 : 0,
      StartedAt: '2026-11-22T10:00:00Z',
      FinishedAt: failed ? '2026-11-22T09:59:58Z' : '0001-01-01T00:00:00Z',
      Health: {
        Status: failed ? 'unhealthy' : 'healthy',
        FailingStreak: failed ? 3 : 0,
        Log: [
          { Start: '2026-11-22T10:00:05Z', ExitCode: failed ? 1 : 0, Output: failed ? 'connection refused' : 'ok' },
        ],
      },
    },
    NetworkSettings: { Networks: { shop_default: { IPAddress: '172.20.0.4' } } },
  };
}

/** Use of the machine by every instance, with a hole where the service was broken. */
function series(world: World, name: string, service: string, range: { fromMs: number; toMs: number }): MetricSeries[] {
  const spec = world.services.find((one) => one.id === service);
  if (!spec) return [];
  const sizes: Readonly<Record<string, number>> = {
    utilization: spec.cpuPercent / 100,
    'cpu.usage': spec.cpuPercent / 100,
    'memory.usage': spec.memoryMb * 1024 * 1024,
    'network.io': 240_000,
    'disk.io': 12_000,
  };
  const size = Object.entries(sizes).find(([ending]) => name.endsWith(ending))?.[1];
  if (size === undefined) return [];
  const stepMs = Math.max(10_000, Math.ceil((range.toMs - range.fromMs) / 180 / 1000) * 1000);
  const first = Math.max(Math.ceil(range.fromMs / stepMs) * stepMs, world.startedAtMs);
  const moments = Array.from(
    { length: Math.max(0, Math.ceil((range.toMs - first) / stepMs)) },
    (_, n) => first + n * stepMs,
  );
  return Array.from({ length: spec.replicas }, (_, index) => {
    const instance = `${service}-${index + 1}`;
    return {
      name,
      service,
      labels: spec.replicas > 1 ? { 'service.instance.id': instance } : ({} as Record<string, string>),
      unit: 'By',
      points: moments.map((atMs) => ({
        atMs,
        value: (size * (0.7 + noise(world.seed, name, instance, atMs) * 0.6)) / spec.replicas,
      })),
    };
  });
}

export function containerAnswers(world: World): Answers {
  return {
    'service.inspect': ({ service, instance = 1, reveal }) => inspection(service, instance, reveal),
    'service.files': ({ path }) => ({ path, entries: (TREE[path] ?? []).map(([entry]) => entry), cut: false }),
    'service.file': ({ path, maxBytes }) => {
      const at = path.lastIndexOf('/');
      const found = TREE[path.slice(0, at) || '/']?.find(([entry]) => entry.name === path.slice(at + 1));
      if (!found) throw new FlotillaError('BAD_REQUEST', { detail: `there is no ${path}` });
      const [entry, content] = found;
      const isText = typeof content === 'string';
      return {
        path,
        sizeBytes: entry.sizeBytes,
        encoding: isText ? 'utf8' : 'base64',
        content: isText ? content.slice(0, maxBytes) : btoa(String.fromCharCode(...content)),
        cut: content.length > maxBytes,
      };
    },
    'metrics.series': ({ name, service, range }) => series(world, name, service ?? '', fixRange(range, world.now())),
  };
}

export const CONTAINER_CAPABILITIES: Capability[] = (
  ['pause', 'terminal', 'stats', 'limits', 'files', 'inspect'] as const
).map((name) => ({ name, available: true, reason: null }));

export const PROCESS_CAPABILITIES: Capability[] = [
  { name: 'pause', available: true, reason: null },
  { name: 'limits', available: false, reason: 'Processes of this machine have no limits of their own.' },
  { name: 'files', available: false, reason: 'Processes have the files of this machine: look at them there.' },
  { name: 'inspect', available: false, reason: 'A process is no container: there is nothing to inspect.' },
];

/** What fleets can run on here. `docker`: an engine that answers, or none. */
export function runtimeViews(docker: boolean): RuntimeView[] {
  const none = { version: null, reason: null, remedy: null, isDefault: false, defaultReason: null, images: [] };
  return [
    {
      ...none,
      kind: 'process',
      available: true,
      detail: 'processes of this machine',
      ...(docker ? {} : { isDefault: true, defaultReason: 'It runs on processes, because no Docker engine answers.' }),
    },
    docker
      ? {
          ...none,
          kind: 'docker',
          available: true,
          detail: 'Docker 28.2.2 at unix:///var/run/docker.sock',
          version: '28.2.2',
          isDefault: true,
          defaultReason: 'It runs on Docker, which answers.',
          images: [
            { image: 'apache/kafka:4.1.0', action: 'pull', present: false, missing: ['apache/kafka:4.1.0'] },
            { image: 'shop-orders', action: 'build', present: false, missing: [] },
          ],
        }
      : {
          ...none,
          kind: 'docker',
          available: false,
          detail: null,
          reason: 'No container engine answers.',
          remedy: 'Start Docker Desktop, or name an engine in DOCKER_HOST.',
        },
  ];
}

/** What runs without Flotilla where a Docker engine answers. */
export function attachable(docker: boolean): AttachList {
  if (!docker) {
    const remedy = 'Start Docker Desktop, or name an engine in DOCKER_HOST.';
    return { candidates: [], reason: 'No container engine answers.', remedy };
  }
  const service = (id: string, image: string, containers = 1, running = containers) => ({
    id,
    image,
    containers,
    running,
  });
  return {
    candidates: [
      {
        project: 'depot',
        name: 'depot',
        files: ['/home/you/depot/compose.yaml'],
        services: [service('api', 'depot-api', 2), service('db', 'postgres:18'), service('migrate', 'depot-api', 1, 0)],
        containerIds: ['d1', 'd2', 'd3', 'd4'],
      },
      {
        project: null,
        name: 'scratch-redis',
        files: [],
        services: [service('scratch-redis', 'redis:7')],
        containerIds: ['e1'],
      },
    ],
    reason: null,
    remedy: null,
  };
}

/** How two images come to be, or, with `fails`, do not: moments of the same pull and the same build, in order. */
export function imageMoments(fails: boolean): ImageProgress[][] {
  const base = { output: [], error: null, startedAt: null, endedAt: null, step: null, layers: [] };
  const pull = (change: Partial<ImageProgress>): ImageProgress => ({
    ...base,
    image: 'apache/kafka:4.1.0',
    services: ['kafka' as ServiceId],
    action: 'pull',
    state: 'running',
    ...change,
  });
  const build = (change: Partial<ImageProgress>): ImageProgress => ({
    ...base,
    image: 'shop-orders',
    services: ['orders' as ServiceId],
    action: 'build',
    state: 'waiting',
    ...change,
  });
  const layer = (id: string, currentBytes: number) => ({
    id,
    state: currentBytes < 40e6 ? ('downloading' as const) : ('done' as const),
    currentBytes,
    totalBytes: 40e6,
  });
  const step = { number: 4, total: 9, text: 'RUN npm ci --omit=dev' };
  const broken = build({
    state: 'failed',
    step,
    output: ['npm error code ENOTFOUND', 'npm error network request to the registry failed'],
    error: new FlotillaError('BAD_REQUEST', { detail: 'npm ci returned a non-zero code: 1' }).toView(),
  });
  return [
    [pull({ layers: [layer('a1', 10e6), layer('b2', 0)] }), build({})],
    [pull({ layers: [layer('a1', 40e6), layer('b2', 20e6)] }), build({ state: 'running', step })],
    [pull({ state: 'done' }), fails ? broken : build({ state: 'done' })],
  ];
}
