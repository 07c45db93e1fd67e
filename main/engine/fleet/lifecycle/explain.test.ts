import { describe, expect, it } from 'vitest';
import { FlotillaError } from '../../../contract/index.ts';
import type { InstanceExit } from '../../runtimes/index.ts';
import { dependency, healthcheck, serviceSpec } from '../model.fixture.ts';
import { blockersOf, isStuck } from './dependencies.ts';
import { explain } from './explain.ts';
import { type Life, newLife } from './life.ts';
import { fleetPhase, type ServiceStatus, serviceStatus } from './service-status.ts';

const orders = serviceSpec('orders', { dependsOn: [dependency('postgres'), dependency('kafka')] });
const life = (given: Partial<Life>, index = 1): Life => ({ ...newLife({ service: orders.id, index }), ...given });
const ended = (exit: Partial<InstanceExit>, uptimeMs = 300, killed = false) => ({
  exit: { atMs: 1000, code: 1, signal: null, oomKilled: false, portTaken: null, ...exit },
  uptimeMs,
  killed,
});
const status = (given: Partial<ServiceStatus>): ServiceStatus => ({
  state: 'running',
  health: 'healthy',
  exitCode: null,
  started: true,
  completed: false,
  pausedBy: null,
  ...given,
});
const reasonOf = (...lives: Life[]): string | null => explain(orders, lives, [], healthcheck()).reason;

describe('reasons', () => {
  it('has nothing to say of a healthy service', () => {
    expect(explain(orders, [life({ state: 'running', health: 'healthy' })], [], null)).toEqual({
      reason: null,
      remedy: null,
    });
  });

  it('names what a service waits for', () => {
    const statuses: Record<string, ServiceStatus> = {
      postgres: status({ state: 'starting', health: 'starting' }),
      kafka: status({ state: 'failed', health: 'unknown', started: false }),
    };
    const blockers = blockersOf(orders, (service) => statuses[service]);
    const { reason, remedy } = explain(orders, [life({ state: 'waiting' })], blockers, null);
    expect(reason).toBe('orders waits for postgres, which is starting; kafka, which failed.');
    expect(remedy).toBe('See why kafka failed, or start it: flotilla start kafka');
  });

  it('says how what is paused goes on, to those who wait for it as well', () => {
    const paused = explain(orders, [life({ state: 'paused' })], [], null);
    expect(paused.remedy).toBe('Let it go on: flotilla resume orders');
    const blockers = blockersOf(orders, () => status({ state: 'paused', health: 'unknown' }));
    const { reason, remedy } = explain(orders, [life({ state: 'waiting' })], blockers, null);
    expect(reason).toBe('orders waits for postgres, which is paused; kafka, which is paused.');
    expect(remedy).toBe('Let postgres go on: flotilla resume postgres');
  });

  it('advises to end the fault that keeps a service paused, rather than to resume it', () => {
    const paused = explain(orders, [life({ state: 'paused', pausedBy: 'f1' })], [], null);
    expect(paused).toEqual({
      reason: 'A fault keeps orders paused: it stands still and answers nothing.',
      remedy: 'End the fault, or wait until it ends: flotilla fault remove f1',
    });
    const blockers = blockersOf(orders, () => status({ state: 'paused', health: 'unknown', pausedBy: 'f1' }));
    const { remedy } = explain(orders, [life({ state: 'waiting' })], blockers, null);
    expect(remedy).toBe('End the fault, or wait until it ends: flotilla fault remove f1');
  });

  it('tells of a start that failed rather than of the exit before it, while it is tried again', () => {
    const failure = new FlotillaError('PORT_TAKEN', { port: 5432, holder: '', service: 'orders' }).toView();
    const again = life({ state: 'starting', exits: 2, failure, lastExit: ended({}) });
    expect(reasonOf(again)).toBe('Port 5432 on 127.0.0.1 is taken.');
    expect(reasonOf({ ...again, failure: null })).toContain('exited with code 1');
  });

  it('does not say for how long what it does not check itself was given', () => {
    const never = life({ state: 'running', health: 'unhealthy', probeDetail: 'no database' });
    expect(explain(orders, [never], [], null)).toEqual({
      reason: 'orders is not healthy: no database.',
      remedy: 'Read its last log lines: flotilla logs orders',
    });
  });

  it('tells the exit code in words', () => {
    expect(reasonOf(life({ state: 'failed', exits: 1, lastExit: ended({ code: 127 }) }))).toBe(
      'orders exited with code 127 (the command was not found) after 300 ms.',
    );
    expect(reasonOf(life({ state: 'failed', exits: 1, lastExit: ended({ code: 139 }) }))).toContain(
      '139 (SIGSEGV: invalid memory access)',
    );
    expect(reasonOf(life({ state: 'backoff', exits: 1, lastExit: ended({ code: 137, oomKilled: true }) }))).toContain(
      '137 (ended by the system: out of memory)',
    );
  });

  it('admits that it does not know the exit code of a process that it did not start', () => {
    expect(reasonOf(life({ state: 'backoff', exits: 1, lastExit: ended({ code: null }) }))).toContain('is not known');
    const killed = ended({ code: null, signal: 'SIGKILL' }, 300, true);
    expect(reasonOf(life({ state: 'backoff', exits: 1, lastExit: killed }))).toContain(
      'killed by hand, through Flotilla',
    );
  });

  it('calls a crash loop a crash loop', () => {
    expect(reasonOf(life({ state: 'starting', exits: 4, lastExit: ended({}) }))).toBe(
      'orders is in a crash loop: it ended 4 times in a row, last with code 1 after 300 ms.',
    );
  });

  it("gives the last probe's own words", () => {
    const never = life({ state: 'running', health: 'unhealthy', probeDetail: 'GET /ready answered 503: no database' });
    expect(reasonOf(never)).toBe('orders is not healthy after 3 s: GET /ready answered 503: no database.');
    expect(reasonOf({ ...never, everHealthy: true })).toContain('was healthy and is not any more');
  });

  it('says who has the port', () => {
    const failure = new FlotillaError('PORT_TAKEN', { port: 5432, holder: ' by postgres (pid 7)', service: 'orders' });
    expect(reasonOf(life({ state: 'backoff', failure: failure.toView() }))).toBe(
      'Port 5432 on 127.0.0.1 is taken by postgres (pid 7).',
    );
  });

  it('says how many copies are down', () => {
    const well = life({ state: 'running', health: 'healthy' });
    expect(reasonOf(well, life({ state: 'failed', exits: 1, lastExit: ended({}) }, 2))).toBe(
      '1 of 2 copies do not run: orders-2 exited with code 1 after 300 ms.',
    );
  });
});

describe('copies', () => {
  it.each(['stopped', 'paused'] as const)('says once that all are %s', (state) => {
    const one = life({ state, stoppedByUser: true, lastExit: ended({ code: 0 }) });
    expect(reasonOf(one, { ...one, ref: { ...one.ref, index: 2 } })).toMatch(/^orders (was stopped|is paused)/);
  });
});

describe('dependencies', () => {
  const waits = (condition: Parameters<typeof dependency>[1], given: Partial<ServiceStatus>): number =>
    blockersOf(serviceSpec('a', { dependsOn: [dependency('b', condition)] }), () => status(given)).length;

  it.each([
    ['service_started', { health: 'starting' }, 0],
    ['service_started', { state: 'starting', started: false }, 1],
    ['service_healthy', { health: 'healthy' }, 0],
    ['service_healthy', { health: 'none' }, 0],
    ['service_healthy', { health: 'unhealthy' }, 1],
    ['service_completed_successfully', { state: 'running' }, 1],
    ['service_completed_successfully', { state: 'exited', completed: true, started: false }, 0],
    ['service_completed_successfully', { state: 'failed', started: false }, 1],
  ] as const)('%s with %j: %i to wait for', (condition, given, blockers) => {
    expect(waits(condition, given)).toBe(blockers);
  });

  it('goes on without one that is not required and will not come', () => {
    const optional = serviceSpec('a', { dependsOn: [{ ...dependency('b'), required: false }] });
    expect(blockersOf(optional, () => status({ state: 'failed', health: 'unknown' }))).toEqual([]);
    expect(blockersOf(optional, () => status({ state: 'starting', health: 'starting' }))).toHaveLength(1);
  });

  it('is stuck when what it waits for is', () => {
    const waiting = [{ service: orders.id, why: 'is itself waiting', stuck: false }];
    expect(isStuck(waiting, () => [{ service: orders.id, why: 'failed', stuck: true }])).toBe(true);
    expect(isStuck(waiting, () => [])).toBe(false);
    expect(isStuck(waiting, () => waiting)).toBe(false);
  });
});

describe('status and phase', () => {
  it('stays running when the second copy is down, and is unhealthy', () => {
    const lives = [life({ state: 'running', health: 'healthy' }), life({ state: 'backoff', lastExit: ended({}) }, 2)];
    expect(serviceStatus(lives)).toMatchObject({ state: 'running', health: 'unhealthy', exitCode: 1, started: false });
  });

  it('is starting while anything goes on by itself, then healthy or degraded', () => {
    const one = (given: Partial<ServiceStatus>, stuck = false, troubled = false) => ({
      status: status(given),
      stuck,
      troubled,
    });
    const well = one({});
    expect(fleetPhase([well, one({ state: 'starting', health: 'starting' })])).toBe('starting');
    expect(fleetPhase([well, one({ state: 'waiting', health: 'unknown' })])).toBe('starting');
    expect(fleetPhase([well, one({ state: 'waiting', health: 'unknown' }, true)])).toBe('degraded');
    expect(fleetPhase([well, one({ state: 'starting', health: 'starting' }, false, true)])).toBe('degraded');
    expect(fleetPhase([well, one({ state: 'stopped', health: 'unknown' })])).toBe('degraded');
    expect(fleetPhase([well, one({ state: 'exited', health: 'unknown' })])).toBe('healthy');
    expect(fleetPhase([well])).toBe('healthy');
    const [stopped, done] = [one({ state: 'stopped', health: 'unknown' }), one({ state: 'exited', health: 'unknown' })];
    expect([fleetPhase([stopped, done]), fleetPhase([done]), fleetPhase([])]).toEqual([
      'stopped',
      'healthy',
      'healthy',
    ]);
  });
});
