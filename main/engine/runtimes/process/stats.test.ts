import { describe, expect, it } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import type { ProcessEntry, ProcessTable } from './process-table.ts';
import { StatsSampler } from './stats.ts';

const entry = (pid: number, parent: number, given: Partial<ProcessEntry> = {}): ProcessEntry => ({
  pid,
  parent,
  group: pid,
  session: pid,
  identity: `start/${pid}`,
  stopped: false,
  cpuMs: 0,
  residentBytes: 100,
  ...given,
});

function sampler(initial: ProcessEntry[], shared = 0) {
  const machine = { processes: initial, looks: 0 };
  const table: ProcessTable = {
    one: async (pid) => machine.processes.find((one) => one.pid === pid) ?? null,
    async all() {
      machine.looks += 1;
      return machine.processes;
    },
    some: async (pids) => machine.processes.filter((one) => pids.includes(one.pid)),
    sharedBytes: () => shared,
    hasVariable: () => false,
  };
  const made = new StatsSampler(table);
  const leaders = new Map([['a-1', { instance: { service: ServiceId.parse('a'), index: 1 }, pid: 10 }]]);
  const pids = async (): Promise<number[]> => {
    const { trees } = await made.sample(leaders);
    return (trees.get('a-1') ?? []).map((one) => one.pid).toSorted((a, b) => a - b);
  };
  return { machine, sample: () => made.sample(leaders), pids };
}

describe('StatsSampler', () => {
  it('counts memory that processes share once', async () => {
    const { sample } = sampler([entry(10, 1), entry(11, 10), entry(12, 10)], 60);
    expect((await sample()).stats).toMatchObject([{ cpuPercent: 0, memoryBytes: 3 * 40 + 60 }]);
  });

  it('does not count as negative what ended, and counts what began', async () => {
    const { machine, sample } = sampler([entry(10, 1, { cpuMs: 1000 }), entry(11, 10, { cpuMs: 5000 })]);
    await sample();
    machine.processes = [entry(10, 1, { cpuMs: 1500 })];
    expect((await sample()).stats[0]?.cpuPercent).toBeGreaterThan(0);
  });

  it('finds new children within five passes, without looking at the whole machine each time', async () => {
    const { machine, pids } = sampler([entry(10, 1)]);
    await pids();
    machine.processes = [entry(10, 1), entry(11, 10)];
    for (let pass = 0; pass < 4; pass += 1) expect(await pids()).toEqual([10]);
    expect(await pids()).toEqual([10, 11]);
    expect(machine.looks).toBe(2);
  });

  it('does not take a stranger for a child that had its number', async () => {
    const { machine, pids } = sampler([entry(10, 1), entry(11, 10)]);
    expect(await pids()).toEqual([10, 11]);
    machine.processes = [entry(10, 1), entry(11, 1, { identity: 'later/11' })];
    expect(await pids()).toEqual([10]);
  });

  it('looks at the whole machine when a service was started', async () => {
    const { machine, sample } = sampler([]);
    await sample();
    machine.processes = [entry(10, 1)];
    expect((await sample()).stats).toHaveLength(1);
  });
});
