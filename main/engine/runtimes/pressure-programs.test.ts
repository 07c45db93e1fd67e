import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { PRESSURE_TOOLS, pressureCommands } from './pressure-programs.ts';

const what = [{ kind: 'cpu', workers: 1, loadPercent: 10 } as const, { kind: 'memory', bytes: 1000 } as const];
const cases = PRESSURE_TOOLS.flatMap((tool) => what.map((one) => [tool, one.kind, one] as const));

// Less than a unit of the tool's clock must not be none left, which means without end.
test.runIf(process.platform === 'linux').each(cases)(
  'a program of %s for %s ends though little time is left',
  async (tool, _kind, one) => {
    const [words = []] = pressureCommands({ faultId: 'f1', untilMs: 5005, what: one }, tool, 5000);
    const [program = '', ...rest] = words;
    const child = spawn(program, rest, { stdio: 'ignore', detached: true });
    const ended = once(child, 'exit').then(() => 'ended');
    const late = AbortSignal.timeout(10_000);
    const isLate = new Promise((done) => late.addEventListener('abort', () => done('still runs')));
    try {
      expect(await Promise.race([ended, isLate])).toBe('ended');
    } finally {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // It has ended, as it should.
      }
    }
  },
  15_000,
);
