import { describe, expect, it } from 'vitest';
import { FlotillaError, ServiceId } from '../../../contract/index.ts';
import type { InstanceExit, RunningInstance } from '../../runtimes/index.ts';
import { type Life, type LifeEvent, type LifeRules, type LifeStep, newLife } from './life.ts';
import { step } from './step.ts';

const ref = { service: ServiceId.parse('orders'), index: 1 };
const checked: LifeRules = {
  restart: { policy: 'unless-stopped', maxRetries: null },
  healthcheck: { intervalMs: 1000, retries: 3, startPeriodMs: 2000 },
};
const unchecked: LifeRules = { ...checked, healthcheck: null };
const never: LifeRules = { ...unchecked, restart: { policy: 'no', maxRetries: null } };

const exit = (given: Partial<InstanceExit> & { atMs: number }): LifeEvent => ({
  kind: 'exited',
  exit: { code: 1, signal: null, oomKilled: false, portTaken: null, ...given },
});
const spawned = (atMs: number): LifeEvent => ({
  kind: 'spawned',
  running: { instance: ref, pid: 4711, containerId: null, startedAtMs: atMs, paused: false },
});
const ok: LifeEvent = { kind: 'probed', ok: true, detail: '' };
const bad: LifeEvent = { kind: 'probed', ok: false, detail: 'answered 503' };

/** Lets things happen one after the other; gives the last step. */
function live(rules: LifeRules, ...events: readonly [LifeEvent, number][]): LifeStep {
  let last: LifeStep = { life: newLife(ref), effects: [], notes: [] };
  for (const [event, atMs] of events) last = step(last.life, event, rules, atMs);
  return last;
}

const started = (atMs = 0): [LifeEvent, number][] => [
  [{ kind: 'want' }, atMs],
  [{ kind: 'proceed' }, atMs],
  [spawned(atMs), atMs],
];

describe('starting', () => {
  it('waits for its dependencies, then is spawned', () => {
    expect(live(checked, [{ kind: 'want' }, 0]).life.state).toBe('waiting');
    const { life, effects } = live(checked, [{ kind: 'want' }, 0], [{ kind: 'proceed' }, 5]);
    expect([life.state, life.health, effects]).toEqual(['starting', 'starting', ['spawn']]);
  });

  it('is running once it is healthy', () => {
    const { life } = live(checked, ...started(), [ok, 300]);
    expect([life.state, life.health, life.healthySinceMs]).toEqual(['running', 'healthy', 300]);
  });

  it('is running at once when nothing tells its health', () => {
    const { life } = live(unchecked, ...started(7));
    expect([life.state, life.health, life.pid]).toEqual(['running', 'none', 4711]);
  });

  it('is given its start period and its retries before it is called unhealthy', () => {
    expect(live(checked, ...started(), [bad, 4999]).life.health).toBe('starting');
    const late = live(checked, ...started(), [bad, 4999], [bad, 5000]);
    expect([late.life.state, late.life.health]).toEqual(['running', 'unhealthy']);
    expect(late.notes).toMatchObject([{ kind: 'unhealthy', text: 'orders-1 is not healthy: answered 503' }]);
  });

  it('fails for good when its command does not exist', () => {
    const error = new FlotillaError('SERVICE_COMMAND_MISSING', { service: 'orders', command: 'x', file: 'f' }).toView();
    const { life } = live(
      checked,
      [{ kind: 'want' }, 0],
      [{ kind: 'proceed' }, 0],
      [{ kind: 'spawn-failed', error }, 1],
    );
    expect([life.state, life.failure?.code]).toEqual(['failed', 'SERVICE_COMMAND_MISSING']);
  });

  it('tries again when its port is taken, whatever its restart policy, and says so once', () => {
    const error = new FlotillaError('PORT_TAKEN', { port: 1, holder: '', service: 'orders' }).toView();
    const failed: LifeEvent = { kind: 'spawn-failed', error };
    const first = live(never, [{ kind: 'want' }, 0], [{ kind: 'proceed' }, 0], [failed, 1]);
    expect([first.life.state, first.life.nextStartAtMs, first.notes.length]).toEqual(['backoff', 501, 1]);
    const second = step(step(first.life, { kind: 'proceed' }, never, 501).life, failed, never, 502);
    expect([second.life.state, second.life.nextStartAtMs, second.notes.length]).toEqual(['backoff', 1502, 0]);
  });
});

describe('health', () => {
  it('takes as many failures in a row as the file allows', () => {
    const twice: [LifeEvent, number][] = [...started(), [ok, 100], [bad, 200], [bad, 300]];
    expect(live(checked, ...twice).life.health).toBe('healthy');
    expect(live(checked, ...twice, [ok, 350], [bad, 400], [bad, 500]).life.health).toBe('healthy');
    expect(live(checked, ...twice, [bad, 400]).life.health).toBe('unhealthy');
  });

  it('tells each time it becomes healthy, the first included', () => {
    expect(live(checked, ...started(), [ok, 300]).notes).toEqual([
      { kind: 'healthy', level: 'info', text: 'orders-1 is healthy after 300 ms' },
    ]);
    expect(live(checked, ...started(), [ok, 300], [ok, 400]).notes).toEqual([]);
  });

  it('tells when it is healthy again', () => {
    const unhealthy: [LifeEvent, number][] = [...started(), [ok, 1], [bad, 2], [bad, 3], [bad, 4]];
    expect(live(checked, ...unhealthy, [ok, 5]).notes).toMatchObject([{ kind: 'healthy' }]);
    expect(live(checked, ...unhealthy, [ok, 5], [ok, 6]).notes).toEqual([]);
  });
});

describe('exits', () => {
  it('is started again after pauses that double, up to 30 s', () => {
    const pauses: number[] = [];
    let life: Life = live(unchecked, ...started()).life;
    for (let n = 0; n < 9; n += 1) {
      life = step(life, exit({ atMs: 10 }), unchecked, 10).life;
      pauses.push((life.nextStartAtMs ?? 0) - 10);
      life = step(step(life, { kind: 'proceed' }, unchecked, 10).life, spawned(10), unchecked, 10).life;
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(life.restarts).toBe(9);
  });

  it('starts counting anew after a minute of health', () => {
    const crashed: [LifeEvent, number][] = [
      ...started(),
      [exit({ atMs: 10 }), 10],
      [{ kind: 'proceed' }, 510],
      [spawned(510), 510],
    ];
    expect(live(unchecked, ...crashed, [exit({ atMs: 60_509 }), 60_509]).life.exits).toBe(2);
    expect(live(unchecked, ...crashed, [exit({ atMs: 60_510 }), 60_510]).life.exits).toBe(1);
  });

  it.each([
    ['no', null, 1, 'failed'],
    ['no', null, 0, 'exited'],
    ['on-failure', null, 0, 'exited'],
    ['on-failure', null, 1, 'backoff'],
    ['on-failure', 0, 1, 'failed'],
    ['always', null, 0, 'backoff'],
    ['unless-stopped', null, 0, 'backoff'],
  ] as const)('policy %s with %s retries, code %i: %s', (policy, maxRetries, code, state) => {
    const rules = { ...unchecked, restart: { policy, maxRetries } };
    expect(live(rules, ...started(), [exit({ atMs: 5, code }), 5]).life.state).toBe(state);
  });

  it('gives a service without a policy another chance when somebody took its port', () => {
    const portTaken = { port: 20_001, holder: ' by node (pid 7)' };
    expect(live(never, ...started(), [exit({ atMs: 5, portTaken }), 5]).life.state).toBe('backoff');
  });

  it('says how it ended', () => {
    const { notes } = live(never, ...started(), [exit({ atMs: 2400, code: null, signal: 'SIGKILL' }), 2400]);
    expect(notes[0]?.text).toBe(
      'orders-1 exited with code 137 (SIGKILL: killed from outside, or for using too much memory) after 2.4 s',
    );
  });
});

describe('what users ask for', () => {
  it('stops, and does not come back', () => {
    const asked = live(unchecked, ...started(), [{ kind: 'stop' }, 5]);
    expect([asked.life.state, asked.effects]).toEqual(['stopping', ['stop']]);
    const gone = step(asked.life, exit({ atMs: 9, code: 143 }), unchecked, 9);
    expect([gone.life.state, gone.life.stoppedByUser, gone.notes]).toEqual(['stopped', true, []]);
  });

  it('says when a stop took force', () => {
    const asked = live(unchecked, ...started(), [{ kind: 'stop' }, 5]);
    const killed = step(asked.life, exit({ atMs: 9, code: null, signal: 'SIGKILL' }), unchecked, 9);
    expect(killed.notes.map((one) => one.text)).toEqual(['orders-1 did not end when it was asked to, and was killed']);
  });

  it('is killed, and comes back', () => {
    const asked = live(unchecked, ...started(), [{ kind: 'kill' }, 5]);
    expect([asked.life.state, asked.effects]).toEqual(['running', ['kill']]);
    const killed = exit({ atMs: 6, code: null, signal: 'SIGKILL' });
    const after = step(asked.life, killed, unchecked, 6);
    expect(after.life.state).toBe('backoff');
    expect(after.notes.map((one) => one.text)).toEqual([
      'orders-1 exited with code 137 (SIGKILL: killed by hand, through Flotilla) after 6 ms',
    ]);
    // The next one is nobody's here.
    const again = step(step(after.life, { kind: 'proceed' }, unchecked, 7).life, spawned(8), unchecked, 8).life;
    const [note] = step(again, exit({ atMs: 9, code: null, signal: 'SIGKILL' }), unchecked, 9).notes;
    expect(note?.text).toContain('killed from outside');
  });

  it('restarts without waiting for dependencies', () => {
    const asked = live(unchecked, ...started(), [{ kind: 'restart' }, 5]);
    expect([asked.life.state, asked.effects, asked.notes[0]?.kind]).toEqual(['stopping', ['stop'], 'restart']);
    const again = step(asked.life, exit({ atMs: 9, code: 0 }), unchecked, 9);
    expect([again.life.state, again.effects, again.life.restarts]).toEqual(['starting', ['spawn'], 1]);
  });

  it('stays stopped when a stop follows a restart', () => {
    const asked = live(unchecked, ...started(), [{ kind: 'restart' }, 5], [{ kind: 'stop' }, 6]);
    expect(step(asked.life, exit({ atMs: 9 }), unchecked, 9).life.state).toBe('stopped');
  });

  it('stops while it waits or stands in backoff without asking the runtime', () => {
    const waiting = live(unchecked, [{ kind: 'want' }, 0], [{ kind: 'stop' }, 1]);
    expect([waiting.life.state, waiting.effects]).toEqual(['stopped', []]);
    const backoff = live(unchecked, ...started(), [exit({ atMs: 5 }), 5], [{ kind: 'stop' }, 6]);
    expect([backoff.life.state, backoff.life.nextStartAtMs, backoff.effects]).toEqual(['stopped', null, []]);
  });

  it('does not believe old probes once it is paused, and asks anew when it goes on', () => {
    const paused: [LifeEvent, number][] = [...started(), [ok, 1], [{ kind: 'paused' }, 2]];
    expect(live(checked, ...paused, [ok, 3]).life).toMatchObject({ state: 'paused', health: 'unknown' });
    expect(live(checked, ...paused, [{ kind: 'resumed' }, 4]).life).toMatchObject({
      state: 'running',
      health: 'unknown',
    });
  });

  it('comes to its end when it is stopped while it is being spawned', () => {
    const asked = live(
      unchecked,
      [{ kind: 'want' }, 0],
      [{ kind: 'proceed' }, 0],
      [{ kind: 'stop' }, 1],
      [spawned(2), 2],
    );
    expect([asked.life.state, asked.life.pid]).toEqual(['stopping', 4711]);
    expect(step(asked.life, { kind: 'gone' }, unchecked, 3).life.state).toBe('stopped');
  });
});

describe('what the runtime or someone else does', () => {
  const health = (status: 'starting' | 'healthy' | 'unhealthy', detail = ''): LifeEvent => ({
    kind: 'health',
    health: { status, detail },
  });
  const running = (atMs: number, given: Partial<RunningInstance> = {}): RunningInstance => ({
    instance: ref,
    pid: 4712,
    containerId: 'c',
    startedAtMs: atMs,
    paused: false,
    ...given,
  });
  const reporting: [LifeEvent, number][] = [
    [{ kind: 'want' }, 0],
    [{ kind: 'proceed' }, 0],
    [{ kind: 'spawned', running: running(0, { health: { status: 'starting', detail: '' } }) }, 0],
  ];
  const stands = ({ life }: LifeStep) => [life.state, life.health];

  it('is as healthy as the runtime says, without being asked', () => {
    expect(stands(live(unchecked, ...reporting))).toEqual(['starting', 'starting']);
    expect(stands(live(unchecked, ...reporting, [health('healthy'), 5]))).toEqual(['running', 'healthy']);
    const ill = live(unchecked, ...reporting, [health('unhealthy', '"ping" exited with code 1'), 5]);
    expect(stands(ill)).toEqual(['running', 'unhealthy']);
    expect(ill.notes).toMatchObject([{ text: 'orders-1 is not healthy: "ping" exited with code 1' }]);
  });

  it('counts its own check where it has one', () => {
    expect(stands(live(checked, ...started(), [ok, 1], [health('unhealthy'), 2]))).toEqual(['running', 'healthy']);
  });

  it('does not know its health after a pause until it is told', () => {
    const paused: [LifeEvent, number][] = [
      ...reporting,
      [health('healthy'), 1],
      [{ kind: 'paused' }, 2],
      [{ kind: 'resumed' }, 3],
    ];
    expect(stands(live(unchecked, ...paused))).toEqual(['running', 'unknown']);
    expect(stands(live(unchecked, ...paused, [health('healthy'), 4]))).toEqual(['running', 'healthy']);
  });

  it('is not wanted back when someone else ended it', () => {
    const { life, effects, notes } = live(unchecked, ...started(), [
      exit({ atMs: 9, code: 137, outside: 'killed' }),
      9,
    ]);
    expect([life.state, life.stoppedByUser, life.nextStartAtMs, effects]).toEqual(['stopped', true, null, []]);
    expect(notes).toMatchObject([{ kind: 'stop', text: 'orders-1 was killed from outside Flotilla (exit code 137)' }]);
  });

  it('runs again when someone else started it', () => {
    const ended = [...started(), [exit({ atMs: 9, outside: 'stopped' }), 9]] as [LifeEvent, number][];
    const again = live(unchecked, ...ended, [{ kind: 'observed', running: running(20) }, 20]);
    expect([again.life.state, again.life.pid, again.life.stoppedByUser]).toEqual(['running', 4712, false]);
    expect(again.notes).toMatchObject([{ kind: 'start', text: 'orders-1 was started from outside Flotilla' }]);
  });

  it('is paused and resumed by someone else', () => {
    const paused = live(unchecked, ...started(7), [{ kind: 'observed', running: running(7, { paused: true }) }, 8]);
    expect(paused.life.state).toBe('paused');
    const resumed = step(paused.life, { kind: 'observed', running: running(7) }, unchecked, 9);
    expect(resumed.life.state).toBe('running');
  });

  it('leaves to itself what is being stopped or started', () => {
    const stopping = live(unchecked, ...started(7), [{ kind: 'stop' }, 8]);
    expect(step(stopping.life, { kind: 'observed', running: running(9) }, unchecked, 9).life.state).toBe('stopping');
  });
});

describe('an instance that runs without us', () => {
  const theirs: LifeRules = { ...never, handsOff: true };
  const ended = (given: Partial<InstanceExit>): LifeEvent => ({
    kind: 'ended',
    exit: { atMs: 9, code: 0, signal: null, oomKilled: false, portTaken: null, ...given },
    startedAtMs: 2,
  });

  it.each<[string, Partial<InstanceExit>]>([
    ['exited', { code: 0 }],
    ['failed', { code: 1 }],
    ['stopped', { code: null, signal: 'SIGTERM' }],
    ['stopped', { code: null, signal: 'SIGKILL' }],
    ['failed', { code: null, signal: 'SIGKILL', oomKilled: true }],
    ['failed', { code: null, signal: 'SIGSEGV' }],
  ])('had %s before anybody looked: %j', (state, given) => {
    const { life, effects, notes } = live(theirs, [ended(given), 20]);
    expect([life.state, life.lastExit?.uptimeMs, effects, notes]).toEqual([state, 7, [], []]);
  });

  it('is asked once to start, and not again when that fails', () => {
    const error = new FlotillaError('CONTAINER_REFUSED', { what: 'the start', detail: 'no' }).toView();
    const wanted: [LifeEvent, number][] = [
      [{ kind: 'want' }, 1],
      [{ kind: 'proceed' }, 1],
      [{ kind: 'spawn-failed', error }, 2],
    ];
    expect(live(theirs, ...wanted).life).toMatchObject({ state: 'failed', nextStartAtMs: null });
    expect(live(never, ...wanted).life.state).toBe('backoff');
  });

  it('is restarted by its own policy, which is counted, and let be when it is stopped', () => {
    const crashed = live(theirs, ...started(), [exit({ atMs: 5, again: true }), 5]);
    expect([crashed.life.state, crashed.life.nextStartAtMs, crashed.effects]).toEqual(['backoff', null, []]);
    const running = { instance: ref, pid: 4712, containerId: null, startedAtMs: 8, paused: false, restarts: 1 };
    const again = step(crashed.life, { kind: 'observed', running }, theirs, 8);
    expect([again.life.state, again.life.restarts, again.life.exits]).toEqual(['running', 1, 1]);
    expect(again.notes).toMatchObject([{ kind: 'restart', text: 'orders-1 was restarted by its restart policy' }]);
    const stopped = step(crashed.life, { kind: 'stop' }, theirs, 9);
    expect([stopped.life.state, stopped.effects]).toEqual(['stopping', ['stop']]);
  });
});

describe('what a fault asks for', () => {
  const held = (): [LifeEvent, number][] => [...started(), [{ kind: 'hold' }, 1000]];

  it('it is ended and not started again, and nobody calls that a stop of theirs', () => {
    const { life, effects } = live(checked, ...held());
    expect(life).toMatchObject({ state: 'stopping', held: true, stoppedByUser: false });
    expect(effects).toEqual(['stop']);
    const gone = live(checked, ...held(), [exit({ atMs: 1100, code: 0 }), 1100]);
    expect(gone.life).toMatchObject({ state: 'stopped', held: true });
    expect(gone.effects).toEqual([]);
  });

  it('neither a start nor a restart brings it back, its end does', () => {
    const gone: [LifeEvent, number][] = [...held(), [exit({ atMs: 1100, code: 0 }), 1100]];
    for (const kind of ['want', 'restart', 'proceed'] as const) {
      const { life, effects } = live(checked, ...gone, [{ kind }, 1200]);
      expect([life.state, effects]).toEqual(['stopped', []]);
    }
    const back = live(checked, ...gone, [{ kind: 'release' }, 1300], [{ kind: 'proceed' }, 1300]);
    expect([back.life.state, back.life.held, back.effects]).toEqual(['starting', false, ['spawn']]);
  });

  it('who stops it meanwhile finds it stopped afterwards', () => {
    const { life, effects } = live(
      checked,
      ...held(),
      [exit({ atMs: 1100, code: 0 }), 1100],
      [{ kind: 'stop' }, 1200],
      [{ kind: 'release' }, 1300],
    );
    expect([life.state, life.held, effects]).toEqual(['stopped', false, []]);
  });

  it('one that waits for its restart is held, too', () => {
    const { life } = live(checked, ...started(), [exit({ atMs: 500, code: 1 }), 500], [{ kind: 'hold' }, 600]);
    expect(life).toMatchObject({ state: 'stopped', held: true, nextStartAtMs: null });
  });
});
