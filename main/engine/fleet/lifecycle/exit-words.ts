import { constants } from 'node:os';
import type { InstanceExit } from '../../runtimes/index.ts';

/** What codes and signals mean in practice: `128 + n` is how shells and containers report "ended by signal n". */
const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed from outside, or for using too much memory',
  SIGTERM: 'asked to end',
  SIGINT: 'interrupted',
  SIGHUP: 'its terminal went away',
  SIGSEGV: 'invalid memory access',
  SIGABRT: 'it gave up, as after a failed assertion or out of heap',
  SIGBUS: 'invalid memory access',
  SIGILL: 'an instruction this processor does not have',
  SIGPIPE: 'it wrote to a closed pipe',
};

const CODE_WORDS: Readonly<Record<number, string>> = {
  126: 'the command cannot be executed',
  127: 'the command was not found',
};

const numberOf = (signal: string): number | null =>
  (constants.signals as Readonly<Record<string, number>>)[signal] ?? null;

function signalOf(code: number): string | null {
  if (code <= 128 || code > 128 + 64) return null;
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0] ?? null;
}

/** The exit code as shells count it: that of a process ended by signal n is 128 + n. Null when nobody was told. */
export function exitCodeOf(exit: Pick<InstanceExit, 'code' | 'signal'>): number | null {
  if (exit.code !== null) return exit.code;
  const number = exit.signal === null ? null : numberOf(exit.signal);
  return number === null ? null : 128 + number;
}

/**
 * What stands behind the code in a sentence: ` (SIGKILL: killed from outside, ...)`, or nothing. `killed`: by a person, through
 * Flotilla.
 */
export function exitSignalWords(exit: Pick<InstanceExit, 'code' | 'signal' | 'oomKilled'>, killed: boolean): string {
  if (exit.oomKilled) return ' (ended by the system: out of memory)';
  const code = exitCodeOf(exit);
  const signal = exit.signal ?? (code === null ? null : signalOf(code));
  if (signal !== null) {
    const words = killed && signal === 'SIGKILL' ? 'killed by hand, through Flotilla' : SIGNAL_WORDS[signal];
    return words === undefined ? ` (${signal})` : ` (${signal}: ${words})`;
  }
  const words = code === null ? undefined : CODE_WORDS[code];
  return words === undefined ? '' : ` (${words})`;
}

/** A length of time for a sentence: `340 ms`, `2.4 s`, `3 min`, `2 h`. */
export function durationWords(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
