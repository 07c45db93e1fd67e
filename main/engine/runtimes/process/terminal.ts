import { closeSync, constants, existsSync, openSync } from 'node:fs';
import type { IPty } from '@lydell/node-pty';
import { FlotillaError } from '../../../contract/index.ts';
import type { TerminalProcess, TerminalSize } from '../runtime.ts';

const WATCH_MS = 50;

/** The shell that the user has, else one that is there. */
export function userShell(): string {
  const known = [process.env.SHELL, '/bin/bash', '/bin/sh'];
  return known.find((file) => file !== undefined && existsSync(file)) ?? '/bin/sh';
}

/**
 * A program on a pseudo-terminal.
 * @throws FlotillaError RUNTIME_CANNOT where node-pty has no binary for this platform
 */
export async function openTerminal(
  file: string,
  words: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
  size: TerminalSize,
): Promise<TerminalProcess> {
  const { spawn } = await import('@lydell/node-pty').catch((cause: unknown) => {
    const detail = 'there is no pseudo-terminal for this platform';
    throw new FlotillaError(
      'RUNTIME_CANNOT',
      { runtime: 'process', action: 'open a terminal', detail, remedy: 'Use a terminal of your own.' },
      { cause },
    );
  });
  const pty = spawn(file, [...words], { name: 'xterm-256color', cwd, env: { ...environment }, ...size });
  const release = holdOpen(pty);
  let watch: NodeJS.Timeout | undefined;
  // node-pty closes the terminal 200 ms after its shell has ended, read or not. What the shell wrote last is at most what
  // the system buffers, some 64 KB: once it has ended that is read whether anybody wants it or not.
  const readOnWhenEnded = (): void => {
    if (processEnded(pty.pid)) {
      clearInterval(watch);
      pty.resume();
    }
  };
  return {
    onData: (listener) => void pty.onData(listener),
    onExit: (listener) => void pty.onExit(({ exitCode, signal }) => listener(signal ? 128 + signal : exitCode)),
    write: (data) => pty.write(data),
    resize: ({ cols, rows }) => pty.resize(cols, rows),
    pause() {
      pty.pause();
      clearInterval(watch);
      watch = setInterval(readOnWhenEnded, WATCH_MS);
      watch.unref();
    },
    resume() {
      clearInterval(watch);
      pty.resume();
    },
    close() {
      clearInterval(watch);
      release();
      pty.kill();
    },
  };
}

/**
 * Keeps the shell's end of the pseudo-terminal open until node-pty has closed its own, and gives what lets it go before.
 * When the last program lets go of it Node takes the terminal for read to its end, and what the shell wrote last, which
 * the system hands over a moment later, is lost.
 */
function holdOpen(pty: IPty): () => void {
  const { ptsName } = pty as { ptsName?: string };
  if (ptsName === undefined) return () => undefined;
  let held: number | null = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
  const release = (): void => {
    if (held !== null) closeSync(held);
    held = null;
  };
  pty.onExit(release);
  return release;
}

function processEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
