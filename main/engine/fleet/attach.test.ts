import { expect, test } from 'vitest';
import { type AttachTarget, FlotillaError } from '../../contract/index.ts';
import { memoryRuntime } from '../runtimes/memory/memory-runtime.ts';
import type { Attaching, Availability, Runtime } from '../runtimes/runtime.ts';
import { attachingRuntime, isSameTarget, listAttachable } from './attach.ts';

const candidate = { project: 'depot', name: 'depot', files: [], services: [], containerIds: ['a'] };
const attaching: Attaching = {
  candidates: async () => [candidate],
  find: async () => {
    throw new FlotillaError('ATTACH_UNKNOWN', { what: 'project', name: 'x', known: 'depot' });
  },
  open: async () => {
    throw new Error('is not asked for');
  },
};
const docker = (found: Availability): Runtime => ({
  ...memoryRuntime(),
  kind: 'docker',
  attaching,
  detect: async () => found,
});
const there = docker({ available: true, detail: 'Docker 28' });
const away = docker({ available: false, reason: 'No engine answers.', remedy: 'Start it.' });

test('lists what there is, or says why it cannot', async () => {
  expect(await listAttachable([memoryRuntime(), there])).toEqual({
    candidates: [candidate],
    reason: null,
    remedy: null,
  });
  expect(await listAttachable([memoryRuntime(), away])).toEqual({
    candidates: [],
    reason: 'No engine answers.',
    remedy: 'Start it.',
  });
  expect((await listAttachable([memoryRuntime()])).reason).toBe('this machine has nothing that runs containers');
});

test('takes the runtime that can, and refuses with its own words where it is away', async () => {
  expect((await attachingRuntime([memoryRuntime(), there])).detail).toBe('Docker 28');
  await expect(attachingRuntime([away])).rejects.toThrow('No engine answers.');
  await expect(attachingRuntime([memoryRuntime()])).rejects.toMatchObject({
    code: 'RUNTIME_UNAVAILABLE',
    remedy: 'Install Docker. See: flotilla doctor',
  });
});

test.each<[AttachTarget | null, AttachTarget, boolean]>([
  [null, { project: 'a' }, false],
  [{ project: 'a' }, { project: 'a' }, true],
  [{ project: 'a' }, { project: 'b' }, false],
  [{ project: 'a' }, { containers: ['a'] }, false],
  [{ containers: ['a', 'b'] }, { containers: ['b', 'a'] }, true],
  [{ containers: ['a'] }, { containers: ['a', 'b'] }, false],
  [{ containers: ['a', 'b'] }, { containers: ['b', 'a', 'b'] }, true],
])('%j and %j mean the same: %j', (a, b, same) => expect(isSameTarget(a, b)).toBe(same));
