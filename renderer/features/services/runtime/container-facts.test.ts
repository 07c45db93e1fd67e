import { describe, expect, it } from 'vitest';
import { containerFacts } from './container-facts.ts';

const state = { Status: 'running', StartedAt: '2026-11-22T10:00:00Z', FinishedAt: '0001-01-01T00:00:00Z', ExitCode: 0 };
const inspection = (change: object) => ({
  Name: '/shop-orders-1',
  Config: { Image: 'shop-orders' },
  State: { ...state, ...change },
});

describe('containerFacts', () => {
  it('names what runs, and no end that has not come', () => {
    const { facts, health, outOfMemory } = containerFacts(inspection({}));
    expect(Object.fromEntries(facts)).toEqual({
      Container: 'shop-orders-1',
      Image: 'shop-orders',
      State: 'running',
      Started: '2026-11-22T10:00:00Z',
    });
    expect([health, outOfMemory]).toEqual([null, false]);
  });

  it('tells an end for want of memory from a kill', () => {
    const ended = { Status: 'exited', FinishedAt: '2026-11-22T10:01:00Z', ExitCode: 137 };
    const exitOf = (change: object) => Object.fromEntries(containerFacts(inspection(change)).facts)['Exit code'];
    expect(exitOf({ ...ended, OOMKilled: true })).toBe('137, ended by the system: out of memory');
    expect(exitOf(ended)).toBe('137, ended by SIGKILL');
    expect(exitOf({ ...ended, ExitCode: 3 })).toBe('3');
  });

  it('has the newest health check first', () => {
    const log = [1, 2].map((n) => ({ Start: `2026-11-22T10:0${n}:00Z`, ExitCode: n - 1, Output: ` check ${n}\n` }));
    const { health } = containerFacts(inspection({ Health: { Status: 'unhealthy', FailingStreak: 1, Log: log } }));
    expect(health).toEqual({
      status: 'unhealthy',
      failing: 1,
      log: [
        { startedAt: '2026-11-22T10:02:00Z', exitCode: 1, output: 'check 2' },
        { startedAt: '2026-11-22T10:01:00Z', exitCode: 0, output: 'check 1' },
      ],
    });
  });

  it('makes nothing of an answer of another form', () => {
    expect(containerFacts({ State: null, Config: [] })).toEqual({ facts: [], outOfMemory: false, health: null });
  });
});
