import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type EngineChange,
  type FleetPhase,
  FlotillaError,
  type ImageProgress,
  ServiceId,
  type ServiceView,
} from '../../contract/index.ts';
import type { InstanceRef, InstanceStats } from '../runtimes/index.ts';
import { MemoryRun } from '../runtimes/memory/memory-runtime.ts';
import { dependency, fleetModel, healthcheck, serviceSpec } from './model.fixture.ts';
import type { ServiceSpec } from './model.ts';
import { Supervisor } from './supervisor.ts';

const id = (service: string) => ServiceId.parse(service);
const measured = (service: string, cpuPercent: number, memoryBytes: number): InstanceStats => ({
  instance: ref(service),
  cpuPercent,
  cpuSeconds: 1,
  memoryBytes,
  memoryLimitBytes: null,
  network: null,
  disk: null,
});
const ref = (service: string, index = 1): InstanceRef => ({ service: id(service), index });
const ALWAYS = { policy: 'unless-stopped', maxRetries: null } as const;
const checked = (service: string, ...needs: string[]): ServiceSpec =>
  serviceSpec(service, { healthcheck: healthcheck(), restart: ALWAYS, dependsOn: needs.map((one) => dependency(one)) });

function supervise(services: readonly ServiceSpec[]) {
  const changes: EngineChange[] = [];
  const phases: FleetPhase[] = [];
  let supervisor: Supervisor | null = null;
  const run = new MemoryRun({
    runId: 'test-1',
    home: '/nowhere',
    otlp: { http: '', grpc: '' },
    listener: {
      event: (event) => supervisor?.observe(event),
      log: () => undefined,
      stats: (stats) => supervisor?.measured(stats),
    },
    pickInstance: () => 1,
    rewriteAddresses: (_service, environment) => environment,
  });
  supervisor = new Supervisor(
    {
      model: fleetModel(services),
      runtime: { kind: 'process', capabilities: [{ name: 'pause', available: true, reason: null }] },
      onChange: (change) => changes.push(change),
      onLogs: () => undefined,
      onPhase: (phase) => phases.push(phase),
    },
    run,
  );
  const view = (service: string): ServiceView => supervisor.view(id(service));
  const state = (service: string): string => `${view(service).state}/${view(service).health}`;
  const marks = (): string[] => changes.flatMap((change) => (change.kind === 'mark' ? change.mark.text : []));
  return { supervisor, run, changes, phases, view, state, marks };
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('starting a fleet', () => {
  it('starts each service when those that it depends on are healthy', async () => {
    const fleet = supervise([checked('gateway', 'orders'), checked('orders', 'postgres'), checked('postgres')]);
    fleet.supervisor.startAll();
    await pass(500);
    expect(fleet.run.asked).toEqual(['start postgres-1']);
    expect(fleet.view('gateway')).toMatchObject({
      state: 'waiting',
      waitsFor: ['orders'],
      reason: 'gateway waits for orders, which is itself waiting.',
    });
    expect(fleet.supervisor.phase).toBe('starting');

    fleet.run.setHealthy(ref('postgres'), true);
    await pass(500);
    expect(fleet.run.asked).toEqual(['start postgres-1', 'start orders-1']);
    fleet.run.setHealthy(ref('orders'), true);
    await pass(500);
    fleet.run.setHealthy(ref('gateway'), true);
    await pass(500);
    expect(['postgres', 'orders', 'gateway'].map(fleet.state)).toEqual(Array(3).fill('running/healthy'));
    expect(fleet.supervisor.phase).toBe('healthy');
  });

  it('keeps the rest running when one cannot run, and says what the others wait for', async () => {
    const fleet = supervise([checked('a', 'broken'), serviceSpec('broken'), serviceSpec('well')]);
    fleet.run.refusals.set(
      'broken-1',
      new FlotillaError('SERVICE_NOT_RUNNABLE', { service: 'broken', detail: 'no program' }),
    );
    fleet.supervisor.startAll();
    await pass(100);
    expect(['a', 'broken', 'well'].map(fleet.state)).toEqual(['waiting/unknown', 'failed/unknown', 'running/none']);
    expect(fleet.view('a').reason).toBe('a waits for broken, which failed.');
    expect(fleet.view('broken').reason).toBe('broken cannot run as a local process: no program.');
    expect(fleet.supervisor.phase).toBe('degraded');
  });

  it('waits for a job to end well', async () => {
    const fleet = supervise([
      serviceSpec('app', { dependsOn: [dependency('migrate', 'service_completed_successfully')] }),
      serviceSpec('migrate'),
    ]);
    fleet.supervisor.startAll();
    await pass(100);
    expect(fleet.state('app')).toBe('waiting/unknown');
    fleet.run.end(ref('migrate'), { code: 0 });
    await pass(100);
    expect([fleet.state('migrate'), fleet.state('app')]).toEqual(['exited/unknown', 'running/none']);
    expect(fleet.supervisor.phase).toBe('healthy');
  });

  it('starts all copies, and gives the first healthy one to consumers', async () => {
    const fleet = supervise([{ ...checked('worker'), replicas: 2 }]);
    fleet.supervisor.startAll();
    await pass(50);
    expect(fleet.run.asked).toEqual(['start worker-1', 'start worker-2']);
    fleet.run.setHealthy(ref('worker', 2), true);
    await pass(500);
    expect(fleet.supervisor.pickInstance(id('worker'))).toBe(2);
    expect(fleet.state('worker')).toBe('running/starting');
  });
});

describe('telling how the fleet stands', () => {
  it('goes from starting to healthy without a step between', async () => {
    const fleet = supervise([checked('a', 'b'), { ...checked('b'), replicas: 2 }, serviceSpec('c')]);
    fleet.supervisor.startAll();
    await pass(100);
    expect(fleet.phases).toEqual([]);
    for (const one of [ref('b', 1), ref('b', 2)]) fleet.run.setHealthy(one, true);
    await pass(500);
    expect(fleet.phases).toEqual([]);
    fleet.run.setHealthy(ref('a'), true);
    await pass(500);
    expect(fleet.phases).toEqual(['healthy']);
    await fleet.supervisor.stopAll();
    expect(fleet.phases).toEqual(['healthy', 'stopping']);
  });

  it('is degraded without what a user stopped, and healthy again with it', async () => {
    const fleet = supervise([serviceSpec('a'), serviceSpec('b')]);
    fleet.supervisor.startAll();
    await pass(50);
    await fleet.supervisor.act(id('a'), 'stop');
    await fleet.supervisor.act(id('a'), 'start');
    await pass(50);
    expect(fleet.phases).toEqual(['healthy', 'degraded', 'starting', 'healthy']);
  });
});

describe('keeping it up', () => {
  it('restarts what crashes after a pause, and calls a crash loop by its name', async () => {
    const fleet = supervise([serviceSpec('a', { restart: ALWAYS })]);
    fleet.supervisor.startAll();
    await pass(50);
    for (const pause of [500, 1000, 2000]) {
      fleet.run.end(ref('a'), { code: 3 });
      expect(fleet.view('a').state).toBe('backoff');
      await pass(pause - 1);
      expect(fleet.run.isRunning(ref('a'))).toBe(false);
      await pass(1);
      expect(fleet.run.isRunning(ref('a'))).toBe(true);
    }
    fleet.run.end(ref('a'), { code: 3 });
    expect(fleet.view('a')).toMatchObject({
      restarts: 3,
      exitCode: 3,
      nextStartAt: new Date(Date.now() + 4000).toISOString(),
    });
    expect(fleet.view('a').reason).toContain('crash loop: it ended 4 times in a row, last with code 3');
  });

  it('tells what never becomes healthy in the words of its health check, once', async () => {
    const fleet = supervise([checked('a')]);
    fleet.supervisor.startAll();
    await pass(2800);
    expect(fleet.state('a')).toBe('starting/starting');
    await pass(20_000);
    expect(fleet.view('a')).toMatchObject({
      state: 'running',
      health: 'unhealthy',
      reason: 'a is not healthy after 3 s: "healthy" exited with code 1: not yet.',
    });
    expect(fleet.marks().filter((text) => text.includes('not healthy'))).toHaveLength(1);
    expect(fleet.supervisor.phase).toBe('degraded');
    fleet.run.setHealthy(ref('a'), true);
    await pass(1500);
    expect(fleet.state('a')).toBe('running/healthy');
    expect(fleet.marks().at(-1)).toMatch(/^a-1 is healthy after \d+ s$/);
  });

  it('tells each change of a service once, and stats apart from it', async () => {
    const fleet = supervise([checked('a')]);
    fleet.supervisor.startAll();
    await pass(100);
    fleet.run.setHealthy(ref('a'), true);
    await pass(1000);
    fleet.changes.length = 0;
    fleet.supervisor.measured([measured('a', 5, 1000)]);
    await pass(10_000);
    expect(fleet.changes.map((change) => change.kind)).toEqual(['stats']);
    expect(fleet.view('a')).toMatchObject({ cpuPercent: 5, memoryBytes: 1000 });
  });
});

describe('what users ask for', () => {
  const running = async (...services: ServiceSpec[]) => {
    const fleet = supervise(services);
    fleet.supervisor.startAll();
    await pass(50);
    return fleet;
  };

  it('stops a service and leaves it stopped; what is started then waits for it', async () => {
    const fleet = await running(
      serviceSpec('a', { restart: ALWAYS }),
      serviceSpec('b', { dependsOn: [dependency('a')] }),
    );
    expect((await fleet.supervisor.act(id('a'), 'stop')).state).toBe('stopped');
    await fleet.supervisor.act(id('b'), 'stop');
    await fleet.supervisor.act(id('b'), 'start');
    await pass(60_000);
    expect([fleet.state('a'), fleet.state('b')]).toEqual(['stopped/unknown', 'waiting/unknown']);
    await fleet.supervisor.act(id('a'), 'start');
    await pass(50);
    expect([fleet.state('a'), fleet.state('b')]).toEqual(['running/none', 'running/none']);
  });

  it('restarts a service at once and what is killed by its policy', async () => {
    const fleet = await running(serviceSpec('a', { restart: ALWAYS }), serviceSpec('b'));
    const restarted = await fleet.supervisor.act(id('a'), 'restart');
    expect([restarted.state, restarted.restarts]).toEqual(['running', 1]);
    expect((await fleet.supervisor.act(id('a'), 'kill')).state).toBe('backoff');
    expect((await fleet.supervisor.act(id('b'), 'kill')).state).toBe('failed');
    await pass(500);
    expect(fleet.state('a')).toBe('running/none');
    expect(fleet.marks()).toContain('a is killed by hand');
  });

  it('restarts those that are to be restarted with it, and theirs', async () => {
    const restarting = (service: string) => ({ ...dependency(service, 'service_started'), restart: true });
    const fleet = await running(
      serviceSpec('db'),
      serviceSpec('api', { dependsOn: [restarting('db')] }),
      serviceSpec('web', { dependsOn: [restarting('api')] }),
      serviceSpec('other', { dependsOn: [dependency('db', 'service_started')] }),
    );
    await fleet.supervisor.act(id('db'), 'restart');
    expect(['db', 'api', 'web', 'other'].map((service) => fleet.view(service).restarts)).toEqual([1, 1, 1, 0]);
  });

  it.each(['pause', 'kill'] as const)('says why it could not %s', async (action) => {
    const fleet = supervise([serviceSpec('a')]);
    fleet.supervisor.startAll();
    await pass(100);
    const refusal = new FlotillaError('RUNTIME_CANNOT', {
      runtime: 'docker',
      action,
      detail: 'the engine refused',
      remedy: '',
    });
    fleet.run[action] = () => Promise.reject(refusal);
    await expect(fleet.supervisor.act(id('a'), action)).rejects.toBe(refusal);
    expect(fleet.state('a')).toBe('running/none');
  });

  describe('a stop that the runtime refuses', () => {
    const refusal = new FlotillaError('CONTAINER_REFUSED', { what: 'to stop a-1', detail: 'permission denied' });
    const refusing = async (spec: ServiceSpec = serviceSpec('a', { restart: ALWAYS })) => {
      const fleet = await running(spec);
      const { stop } = fleet.run;
      fleet.run.stop = () => Promise.reject(refusal);
      return { ...fleet, heal: () => Object.assign(fleet.run, { stop }) };
    };

    it.each(['stop', 'restart'] as const)('is told by %s, and leaves it shown as it runs', async (action) => {
      const fleet = await refusing();
      await expect(fleet.supervisor.act(id('a'), action)).rejects.toBe(refusal);
      expect(fleet.state('a')).toBe('running/none');
      expect(fleet.view('a').actions).toContain('stop');
      expect(fleet.run.asked).toEqual(['start a-1']);
      expect(fleet.marks().at(-1)).toMatch(/^a-1: stop failed: .*permission denied/);
      fleet.heal();
      expect((await fleet.supervisor.act(id('a'), 'stop')).state).toBe('stopped');
    });

    it('leaves what was paused paused, and goes on asking about the health of what was healthy', async () => {
      const fleet = await refusing(checked('a'));
      fleet.run.setHealthy(ref('a'), true);
      await pass(500);
      await expect(fleet.supervisor.act(id('a'), 'stop')).rejects.toBe(refusal);
      expect(fleet.state('a')).toBe('running/healthy');
      fleet.run.setHealthy(ref('a'), false);
      await pass(10_000);
      expect(fleet.state('a')).toBe('running/unhealthy');
      await fleet.supervisor.act(id('a'), 'pause');
      await expect(fleet.supervisor.act(id('a'), 'stop')).rejects.toBe(refusal);
      expect(fleet.view('a').state).toBe('paused');
    });

    it('is still wanted: it is not started again when it ends after all, unless somebody starts it', async () => {
      const fleet = await refusing();
      await expect(fleet.supervisor.act(id('a'), 'stop')).rejects.toBe(refusal);
      fleet.run.end(ref('a'), { code: 143 });
      await pass(60_000);
      expect([fleet.view('a').state, fleet.run.asked]).toEqual(['stopped', ['start a-1']]);
      await fleet.supervisor.act(id('a'), 'start');
      await pass(50);
      await expect(fleet.supervisor.act(id('a'), 'stop')).rejects.toBe(refusal);
      await fleet.supervisor.act(id('a'), 'start');
      fleet.run.end(ref('a'), { code: 143 });
      expect(fleet.view('a').state).toBe('backoff');
    });

    it('is no failure where it ended meanwhile', async () => {
      const fleet = await refusing();
      fleet.run.stop = async (instance) => {
        fleet.run.end(instance, { code: 0 });
        throw refusal;
      };
      expect((await fleet.supervisor.act(id('a'), 'stop')).state).toBe('stopped');
    });

    it.each(['hold', 'restart'] as const)('is told to the fault that wants to %s it, at once', async (what) => {
      const fleet = await refusing();
      await expect(fleet.supervisor.disturb(id('a'), [1], what)).rejects.toBe(refusal);
      expect(fleet.state('a')).toBe('running/none');
      fleet.run.end(ref('a'), { code: 1 });
      await pass(500);
      expect(fleet.state('a')).toBe('running/none');
    });

    it('does not keep the fleet from ending', async () => {
      const fleet = await refusing();
      await fleet.supervisor.stopAll();
      expect(fleet.run.isRunning(ref('a'))).toBe(true);
    });
  });

  it('pauses and resumes', async () => {
    const fleet = await running(serviceSpec('a'));
    expect(await fleet.supervisor.act(id('a'), 'pause')).toMatchObject({
      state: 'paused',
      actions: ['resume', 'stop', 'restart', 'kill'],
    });
    expect((await fleet.supervisor.act(id('a'), 'resume')).state).toBe('running');
    expect(fleet.run.asked).toEqual(['start a-1', 'pause a-1', 'resume a-1']);
  });

  it('does not let a person resume what a fault keeps paused, and names the fault', async () => {
    const fleet = await running(serviceSpec('a'));
    await fleet.supervisor.disturb(id('a'), [1], 'pause', 'f1');
    expect(fleet.view('a').actions).toEqual(['stop', 'restart', 'kill']);
    await expect(fleet.supervisor.act(id('a'), 'resume')).rejects.toMatchObject({
      code: 'SERVICE_HELD_PAUSED',
      remedy: 'End it with: flotilla fault remove f1',
    });
    await fleet.supervisor.disturb(id('a'), [1], 'pause', 'f2');
    expect(fleet.view('a').remedy).toContain('f2');
    await fleet.supervisor.disturb(id('a'), [1], 'resume');
    expect(fleet.state('a')).toBe('running/none');
    await fleet.supervisor.act(id('a'), 'pause');
    expect((await fleet.supervisor.act(id('a'), 'resume')).state).toBe('running');
    expect(fleet.run.asked).toEqual(['start a-1', 'pause a-1', 'resume a-1', 'pause a-1', 'resume a-1']);
  });

  it('lets go on what a person paused, beside a copy that a fault keeps paused', async () => {
    const fleet = await running(serviceSpec('a', { replicas: 2 }));
    await fleet.supervisor.disturb(id('a'), [2], 'pause', 'f1');
    await fleet.supervisor.act(id('a'), 'pause');
    expect((await fleet.supervisor.act(id('a'), 'resume')).instances.map((one) => one.state)).toEqual([
      'running',
      'paused',
    ]);
  });

  it('does not let who stopped it wait for ever when somebody else wants it back', async () => {
    const fleet = await running(serviceSpec('a'));
    const { stop } = fleet.run;
    let end = (): void => undefined;
    const ending = new Promise<void>((resolve) => {
      end = resolve;
    });
    fleet.run.stop = async (instance) => {
      await ending;
      await stop.call(fleet.run, instance);
    };
    const stopping = fleet.supervisor.act(id('a'), 'stop');
    await fleet.supervisor.act(id('a'), 'start');
    expect((await stopping).state).toBe('stopping');
    end();
    await pass(50);
    expect(fleet.state('a')).toBe('running/none');
  });

  it('refuses what makes no sense', async () => {
    const fleet = await running(serviceSpec('a'));
    await expect(fleet.supervisor.act(id('nobody'), 'start')).rejects.toMatchObject({ code: 'SERVICE_UNKNOWN' });
    await fleet.supervisor.act(id('a'), 'stop');
    await expect(fleet.supervisor.act(id('a'), 'kill')).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNING' });
  });
});

describe('the end, and a new beginning', () => {
  it('stops each service after those that depend on it', async () => {
    const fleet = supervise([checked('postgres'), checked('orders', 'postgres'), checked('gateway', 'orders')]);
    fleet.supervisor.startAll();
    for (const service of ['postgres', 'orders', 'gateway']) {
      await pass(100);
      fleet.run.setHealthy(ref(service), true);
      await pass(500);
    }
    await fleet.supervisor.stopAll();
    expect(fleet.run.asked.slice(3)).toEqual(['stop gateway-1', 'stop orders-1', 'stop postgres-1']);
    expect(fleet.supervisor.phase).toBe('stopping');
  });

  it('carries on with what runs, starts what is missing, leaves what a user stopped', async () => {
    const fleet = supervise([serviceSpec('a'), serviceSpec('b'), serviceSpec('c')]);
    const before = { instance: ref('a'), pid: 7, containerId: null, startedAtMs: 5, paused: false };
    fleet.supervisor.adopt(
      [before],
      [
        { id: 'a-1', stoppedByUser: false, restarts: 4 },
        { id: 'b-1', stoppedByUser: true, restarts: 0 },
      ],
    );
    fleet.supervisor.startAll();
    await pass(100);
    expect(fleet.run.asked).toEqual(['start c-1']);
    expect(fleet.view('a')).toMatchObject({ state: 'running', restarts: 4, startedAt: new Date(5).toISOString() });
    expect(fleet.view('b')).toMatchObject({ state: 'stopped', reason: 'b was stopped.' });
  });

  it('tells nothing and starts nothing once it is closed', async () => {
    const fleet = supervise([serviceSpec('a', { restart: ALWAYS })]);
    fleet.supervisor.startAll();
    await pass(50);
    fleet.supervisor.close();
    fleet.changes.length = 0;
    fleet.run.end(ref('a'), { code: 1 });
    await pass(60_000);
    expect([fleet.changes, fleet.run.asked]).toEqual([[], ['start a-1']]);
  });
});

describe('preparing services', () => {
  const progress = (given: Partial<ImageProgress> = {}): ImageProgress => ({
    image: 'a:1',
    services: [id('a')],
    action: 'build',
    state: 'running',
    step: { number: 4, total: 9, text: 'RUN npm ci' },
    layers: [],
    output: [],
    error: null,
    startedAt: null,
    endedAt: null,
    ...given,
  });
  const prepared = (services: readonly ServiceSpec[]) => {
    const fleet = supervise(services);
    fleet.run.requirePreparation();
    fleet.supervisor.startAll();
    return fleet;
  };
  const finish = async (fleet: ReturnType<typeof supervise>, service: string, error: FlotillaError | null = null) => {
    fleet.run.preparing.get(service)?.(error);
    await pass(50);
  };

  it('starts what is ready at once, and says of the others how far their images are', async () => {
    const fleet = prepared([serviceSpec('a'), serviceSpec('b')]);
    await finish(fleet, 'b');
    expect(fleet.run.asked).toEqual(['prepare a', 'prepare b', 'start b-1']);
    expect(fleet.view('a')).toMatchObject({ state: 'waiting', reason: null });
    fleet.supervisor.imaged(progress());
    expect(fleet.view('a').reason).toBe('Its image is being built: step 4 of 9.');
    expect(fleet.supervisor.phase).toBe('starting');
    await finish(fleet, 'a');
    expect(fleet.run.asked.at(-1)).toBe('start a-1');
    expect(fleet.view('a')).toMatchObject({ state: 'running', reason: null });
  });

  it('prepares a service while it waits for others', async () => {
    const fleet = prepared([checked('gateway', 'a'), checked('a')]);
    expect(fleet.run.asked).toEqual(['prepare gateway', 'prepare a']);
    fleet.supervisor.imaged(progress({ services: [id('gateway')], step: null, action: 'pull', image: 'g:1' }));
    expect(fleet.view('gateway').reason).toBe(
      'gateway waits for a, which is itself waiting. Its image g:1 is being pulled.',
    );
    await finish(fleet, 'gateway');
    expect(fleet.view('gateway').reason).toBe('gateway waits for a, which is itself waiting.');
    await finish(fleet, 'a');
    fleet.run.setHealthy(ref('a'), true);
    await pass(500);
    expect(fleet.run.asked.slice(2)).toEqual(['start a-1', 'start gateway-1']);
  });

  it('fails a service whose image cannot be had, tells it once, and tries again when it is started again', async () => {
    const fleet = prepared([serviceSpec('a', { replicas: 2 }), serviceSpec('b', { dependsOn: [dependency('a')] })]);
    const error = new FlotillaError('IMAGE_PULL_FAILED', {
      image: 'a:1',
      detail: 'manifest unknown',
      remedy: 'Check it.',
    });
    await finish(fleet, 'a', error);
    expect(fleet.view('a')).toMatchObject({
      state: 'failed',
      reason: 'The image a:1 could not be pulled: manifest unknown.',
      remedy: 'Check it.',
    });
    expect(fleet.view('b').reason).toBe('b waits for a, which failed.');
    expect(fleet.supervisor.phase).toBe('degraded');
    void fleet.supervisor.act(id('a'), 'start');
    await finish(fleet, 'a');
    expect(fleet.run.asked.filter((one) => one === 'prepare a')).toHaveLength(2);
    expect(fleet.view('a').state).toBe('running');
  });

  it('does not start what was stopped while its image came', async () => {
    const fleet = prepared([serviceSpec('a')]);
    await fleet.supervisor.act(id('a'), 'stop');
    await finish(fleet, 'a');
    expect(fleet.run.asked).toEqual(['prepare a']);
    expect(fleet.view('a').state).toBe('stopped');
  });
});

describe('a fleet that runs without us', () => {
  const theirs = (service: string, copies: readonly number[], given: Partial<ServiceSpec> = {}): ServiceSpec =>
    serviceSpec(service, { ...given, replicas: copies.length, attached: { copies } });
  const running = (service: string, index: number) => ({
    instance: ref(service, index),
    pid: 1,
    containerId: `${service}${index}`,
    startedAtMs: 1,
    paused: false,
  });
  const copies = ({ view }: ReturnType<typeof supervise>, service: string): string[] =>
    view(service).instances.map((one) => `${one.id} ${one.state}`);

  it('has copies with the numbers that there are, which come and go', () => {
    const fleet = supervise([theirs('a', [2, 5])]);
    fleet.supervisor.adopt([running('a', 2), running('a', 5)], [{ id: 'a-5', stoppedByUser: false, restarts: 3 }]);
    expect(copies(fleet, 'a')).toEqual(['a-2 running', 'a-5 running']);
    expect([fleet.view('a').restarts, fleet.supervisor.pickInstance(id('a'))]).toEqual([3, 2]);
    fleet.supervisor.refit(fleetModel([theirs('a', [5, 6]), theirs('b', [1])]));
    fleet.supervisor.observe({ kind: 'observed', instance: ref('a', 6), running: running('a', 6) });
    fleet.supervisor.observe({ kind: 'observed', instance: ref('a', 2), running: running('a', 2) });
    expect(copies(fleet, 'a')).toEqual(['a-5 running', 'a-6 running']);
    expect(fleet.state('b')).toBe('stopped/unknown');
    expect(fleet.supervisor.saved().map((one) => one.id)).toEqual(['a-5', 'a-6', 'b-1']);
  });

  it('starts what a person starts, whatever that depends on, and restarts nothing with it', async () => {
    const onA = { dependsOn: [{ ...dependency('a'), restart: true }] };
    const fleet = supervise([theirs('a', [1]), theirs('b', [1], onA)]);
    fleet.supervisor.adopt([], []);
    await fleet.supervisor.act(id('b'), 'start');
    await pass(0);
    expect([fleet.state('a'), fleet.state('b')]).toEqual(['stopped/unknown', 'running/none']);
    await fleet.supervisor.act(id('a'), 'start');
    await pass(0);
    await fleet.supervisor.act(id('a'), 'restart');
    expect(fleet.run.asked).toEqual(['start b-1', 'start a-1', 'stop a-1', 'start a-1']);
    fleet.run.end(ref('b'), { code: 1 });
    await pass(60_000);
    expect(fleet.state('b')).toBe('failed/unknown');
  });

  it('is restarted in one go where the run can', async () => {
    const fleet = supervise([theirs('a', [1])]);
    const { run } = fleet;
    Object.assign(run, {
      async restart(instance: InstanceRef) {
        run.asked.push('restart a-1');
        run.end(instance, { code: null, signal: 'SIGTERM' });
      },
    });
    await fleet.supervisor.act(id('a'), 'start');
    await pass(0);
    await fleet.supervisor.act(id('a'), 'restart');
    expect(run.asked).toEqual(['start a-1', 'restart a-1', 'start a-1']);
    expect([fleet.view('a').restarts, fleet.state('a')]).toEqual([1, 'running/none']);
  });
});
