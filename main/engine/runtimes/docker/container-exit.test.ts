import type Dockerode from 'dockerode';
import { describe, expect, it } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { exitOfUnwatched, exitOfWatched } from './container-exit.ts';
import type { Contained } from './container-state.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;

function contained(given: Partial<Contained> = {}): Contained {
  return {
    ref: { service: ServiceId.parse('a'), index: 1 },
    containerId: 'c',
    name: 'a-1',
    startedAtMs: NOW - 2 * HOUR,
    pid: 1,
    addresses: [],
    published: new Map(),
    sharesHost: false,
    restarts: 0,
    paused: false,
    health: null,
    ending: false,
    touched: null,
    oomAtMs: null,
    ...given,
  };
}

const standing = (state: object): Dockerode.ContainerInspectInfo =>
  ({
    State: { Running: false, Restarting: false, OOMKilled: false, FinishedAt: '2026-11-22T12:00:00Z', ...state },
  }) as Dockerode.ContainerInspectInfo;

function exit(code: number, given: Partial<Contained>, state: object = {}) {
  return exitOfWatched(contained(given), { code, atMs: NOW, info: standing(state), graceMs: 10_000 });
}

describe('the end of a container', () => {
  it('is for want of memory when that has just run out', () => {
    expect(exit(137, { oomAtMs: NOW - 50 }, { OOMKilled: true })).toMatchObject({ oomKilled: true, signal: 'SIGKILL' });
    // A process that cannot go on without its child, and one whose end was not heard of.
    expect(exit(1, { oomAtMs: NOW - 50 })).toMatchObject({ oomKilled: true, code: 1 });
    expect(exit(137, {}, { OOMKilled: true })).toMatchObject({ oomKilled: true });
  });

  it('is not for want of memory that one of its processes had an hour ago', () => {
    const hour = { oomAtMs: NOW - HOUR };
    expect(exit(1, hour, { OOMKilled: true })).toMatchObject({ oomKilled: false, code: 1 });
    const touched = { atMs: NOW - 20, how: 'stopped' } as const;
    expect(exit(143, { ...hour, touched }, { OOMKilled: true })).toMatchObject({
      oomKilled: false,
      outside: 'stopped',
    });
    expect(exit(143, { ...hour, ending: true }, { OOMKilled: true })).toMatchObject({ oomKilled: false });
    expect(exitOfUnwatched(standing({ ExitCode: 0, OOMKilled: true }))).toMatchObject({ oomKilled: false, code: 0 });
  });

  it("is somebody else's doing for as long as their signal may take", () => {
    const at = (agoMs: number) => exit(137, { touched: { atMs: NOW - agoMs, how: 'stopped' } }).outside;
    expect([at(10_100), at(HOUR)]).toEqual(['stopped', undefined]);
    const gone = exitOfWatched(contained(), { code: Number.NaN, atMs: NOW, info: null, graceMs: 0 });
    expect(gone).toMatchObject({ code: null, signal: null, outside: 'removed' });
  });
});
