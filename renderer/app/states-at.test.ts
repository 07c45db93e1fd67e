import { describe, expect, it } from 'vitest';
import type { ServiceId, TimelineMark } from '../../main/contract/index.ts';
import { statesAt } from './states-at.ts';

type Service = Parameters<typeof statesAt>[2][number];

const MINUTE = 60_000;
const service = (id: string, change: Partial<Service> = {}): Service => ({
  id: id as ServiceId,
  state: 'running',
  health: 'healthy',
  startedAt: new Date(50 * MINUTE).toISOString(),
  instances: [],
  ...change,
});
const mark = (
  minute: number,
  kind: TimelineMark['kind'],
  about: string | null,
  more: Partial<TimelineMark> = {},
): TimelineMark => ({
  id: `${minute}-${kind}-${about}`,
  kind,
  atMs: minute * MINUTE,
  untilMs: null,
  service: about as ServiceId | null,
  text: '',
  ...more,
});
const wordAt = (minute: number, marks: TimelineMark[], one: Service = service('orders')): string | undefined =>
  statesAt({ toMs: minute * MINUTE }, marks, [one]).get(one.id)?.word;

const run = [
  mark(10, 'start', null),
  mark(11, 'healthy', 'orders', { instance: 'orders-1' }),
  mark(12, 'healthy', null),
  mark(20, 'exit', 'orders', { instance: 'orders-1' }),
  mark(21, 'healthy', 'orders', { instance: 'orders-1' }),
  mark(30, 'unhealthy', 'orders', { instance: 'orders-1' }),
  mark(35, 'healthy', 'orders', { instance: 'orders-1' }),
];

describe('statesAt', () => {
  it('tells the state of that time and not of now', () => {
    const broken = service('orders', { state: 'failed', health: 'unhealthy', startedAt: null });
    expect([10.5, 11.5, 20.5, 25, 32, 40].map((minute) => wordAt(minute, run, broken))).toEqual([
      'Starting',
      'Healthy',
      'Exited',
      'Healthy',
      'Unhealthy',
      'Healthy',
    ]);
  });

  it('does not know what was before the first mark', () => {
    const state = statesAt({ toMs: 9 * MINUTE }, run, [service('orders')]).get('orders');
    expect(state).toEqual({ tone: 'idle', word: 'Unknown', known: false });
  });

  it('knows that what still runs ran then, but not how well, when no mark says more', () => {
    expect(wordAt(60, [])).toBe('Up, health unknown');
    expect(wordAt(40, [])).toBe('Unknown');
    expect(wordAt(60, [], service('orders', { state: 'paused' }))).toBe('Unknown');
  });

  it('says of what has no health check that it ran', () => {
    const unchecked = service('orders', { health: 'none' });
    expect(wordAt(60, [mark(10, 'start', null)], unchecked)).toBe('Running');
    expect(wordAt(13, [mark(10, 'start', null), mark(12, 'healthy', null)], unchecked)).toBe('Running');
    expect(wordAt(11, [mark(10, 'start', null)], unchecked)).toBe('Starting');
  });

  it('follows what was done by hand', () => {
    const by = (action: NonNullable<TimelineMark['action']>, minute: number) =>
      mark(minute, 'action', 'orders', { action });
    expect(wordAt(41, [...run, by('stop', 40)])).toBe('Stopped');
    // The exit of what was stopped does not make it broken.
    expect(wordAt(42, [...run, by('stop', 40), mark(41, 'exit', 'orders')])).toBe('Stopped');
    expect(wordAt(41, [...run, by('pause', 40)])).toBe('Paused');
    expect(wordAt(45, [...run, by('pause', 40), by('resume', 44)])).toBe('Up, health unknown');
    expect(wordAt(41, [...run, by('kill', 40)])).toBe('Exited');
    expect(wordAt(41, [...run, mark(40, 'restart', 'orders')])).toBe('Starting');
  });

  it('does not guess what an action of an unknown kind did', () => {
    expect(wordAt(41, [...run, mark(40, 'action', 'orders')])).toBe('Unknown');
  });

  it('leaves what was stopped by hand out of the fleet being healthy', () => {
    const marks = [
      mark(10, 'start', null),
      mark(11, 'action', 'orders', { action: 'stop' }),
      mark(12, 'healthy', null),
    ];
    expect(wordAt(13, marks)).toBe('Stopped');
  });

  it('shows the worst of several copies', () => {
    const two = service('orders', { instances: [] });
    const marks = [
      mark(10, 'start', null),
      mark(11, 'healthy', 'orders', { instance: 'orders-1' }),
      mark(11, 'healthy', 'orders', { instance: 'orders-2' }),
      mark(20, 'exit', 'orders', { instance: 'orders-2' }),
    ];
    expect(wordAt(15, marks, two)).toBe('Healthy');
    expect(wordAt(25, marks, two)).toBe('Exited');
  });

  it('calls a job that ended well completed', () => {
    const job = service('migrate', { state: 'exited', health: 'unknown', startedAt: null });
    expect(wordAt(15, [mark(10, 'start', null), mark(11, 'exit', 'migrate')], job)).toBe('Completed');
  });

  it('is stopped once the fleet is', () => {
    expect(wordAt(60, [...run, mark(55, 'stop', null)], service('orders', { state: 'stopped', startedAt: null }))).toBe(
      'Stopped',
    );
  });
});
