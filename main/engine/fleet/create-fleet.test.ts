import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type EngineProblem, FlotillaError, ServiceId } from '../../contract/index.ts';
import { memoryRuntime } from '../runtimes/memory/memory-runtime.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { createFleet } from './create-fleet.ts';
import type { FleetOptions } from './fleet.ts';

const away = new FlotillaError('RUNTIME_UNAVAILABLE', { runtime: 'docker', detail: 'it is away', remedy: 'Start it.' });

let home: string;
let file: string;
beforeEach(async () => {
  home = join(await mkdtemp(join(tmpdir(), 'flotilla-create-')), 'home');
  file = join(dirname(home), 'compose.yaml');
  await writeFile(file, 'name: bench\nservices:\n  a: { image: bench/a, command: [run] }\n');
});
afterEach(() => rm(dirname(home), { recursive: true, force: true }));

function fleetOn(runtime: Runtime, given: Partial<FleetOptions> = {}) {
  const problems: EngineProblem[][] = [];
  const fleet = createFleet({
    home,
    otlp: { http: '', grpc: '' },
    onChange: () => undefined,
    onLogs: () => undefined,
    onProblems: (found) => problems.push(found),
    runtimes: [runtime],
    ...given,
  });
  return { fleet, problems };
}

/** Something that a test lets happen. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

it('ends a fleet that is just being opened, too', async () => {
  const runtime = memoryRuntime();
  const { opened, open } = gate();
  const slow: Runtime = {
    ...runtime,
    async open(model, context) {
      await opened;
      return runtime.open(model, context);
    },
  };
  const { fleet } = fleetOn(slow);
  const up = fleet.up({ file });
  const down = fleet.down();
  open();
  await Promise.all([up, down]);
  expect(fleet.view()).toBeNull();
  expect(runtime.runs[0]?.asked).toContain('down');
});

it('is not started again by who comes while it is being ended', async () => {
  const runtime = memoryRuntime();
  const { opened, open } = gate();
  const { fleet } = fleetOn(runtime, { onEnding: () => opened });
  await fleet.up({ file });
  await vi.waitFor(() => expect(fleet.view()?.state).toBe('healthy'));
  await fleet.handlers['service.act']({ service: ServiceId.parse('a'), action: 'stop' }, new AbortController().signal);
  expect(fleet.view()?.state).toBe('stopped');
  const down = fleet.down();
  await expect(fleet.up({ file })).rejects.toMatchObject({ code: 'FLEET_BUSY' });
  open();
  await down;
  expect(runtime.runs[0]?.asked.filter((one) => one === 'start a-1')).toHaveLength(1);
});

it('lets go of what could not be ended', async () => {
  const runtime = memoryRuntime();
  const { fleet } = fleetOn(runtime);
  await fleet.up({ file });
  const [run] = runtime.runs;
  if (run === undefined) throw new Error('nothing runs');
  run.down = () => Promise.reject(away);
  const close = vi.spyOn(run, 'close');
  await expect(fleet.close({ stopFleet: true })).rejects.toBe(away);
  expect(close).toHaveBeenCalled();
});

it.each(['adopt', 'down'] as const)('leaves a fleet to the next engine whose runtime fails to %s it', async (step) => {
  const before = memoryRuntime();
  const { fleet: first } = fleetOn(before);
  await first.up({ file });
  const runId = first.running()?.runId ?? '';
  await first.close({ stopFleet: false });

  const runtime = memoryRuntime();
  const failing: Runtime = {
    ...runtime,
    async open(model, context) {
      const run = await runtime.open(model, context);
      const refuse = (): Promise<never> => Promise.reject(away);
      return Object.assign(run, { [step]: refuse });
    },
  };
  const { fleet, problems } = fleetOn(failing);
  expect(await fleet.adopt()).toBe(false);
  expect(problems.at(-1)).toMatchObject([{ code: 'RUNTIME_UNAVAILABLE' }]);
  expect([fleet.view(), fleet.isKept(runId)]).toEqual([null, true]);
  await fleet.close({ stopFleet: true });
  expect(fleet.isKept(runId)).toBe(true);
});

it('complains about what it cannot write only as long as there is something to write', async () => {
  await mkdir(join(home, 'fleet.json.next'), { recursive: true });
  const { fleet, problems } = fleetOn(memoryRuntime());
  await fleet.up({ file });
  expect(problems.at(-1)).toHaveLength(1);
  await fleet.down();
  expect(problems.at(-1)).toEqual([]);
});
