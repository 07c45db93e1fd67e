import { existsSync } from 'node:fs';
import { FlotillaError } from '../../../contract/index.ts';
import type { TerminalProcess, TerminalSize } from '../runtime.ts';

/**
 * The user's shell on a pseudo-terminal.
 * @throws FlotillaError RUNTIME_CANNOT where node-pty has no binary for this platform
 */
export async function openShell(
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
  const shell = [process.env.SHELL, '/bin/bash', '/bin/sh'].find((file) => file !== undefined && existsSync(file));
  const pty = spawn(shell ?? '/bin/sh', [], { name: 'xterm-256color', cwd, env: { ...environment }, ...size });
  return {
    onData: (listener) => void pty.onData(listener),
    onExit: (listener) => void pty.onExit(({ exitCode }) => listener(exitCode)),
    write: (data) => pty.write(data),
    resize: ({ cols, rows }) => pty.resize(cols, rows),
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    close: () => pty.kill(),
  };
}
