import { randomUUID } from 'node:crypto';
import type Dockerode from 'dockerode';

const VARIABLE = 'FLOTILLA_EXEC';
const PATIENCE_MS = 5000;

/** Sends a signal to all that has the variable in its environment, with the container's own shell and grep. */
const SCRIPT = `for p in /proc/[0-9]*; do
  grep -qs "$1" "$p/environ" && kill -s "$2" "\${p#/proc/}"
done
:`;

/**
 * By what a program that runs in a container besides its own is found again, with all that it has started: engines have no
 * call that ends one, and tell its number as their machine has it.
 */
export class ExecMark {
  readonly #id = randomUUID();

  /** `NAME=value`, for the program's environment. */
  get assignment(): string {
    return `${VARIABLE}=${this.#id}`;
  }

  /** Ends what has the mark. Never throws: a container without a shell keeps what runs in it. */
  async signal(docker: Dockerode, containerId: string, signal: 'KILL' | 'HUP'): Promise<void> {
    try {
      const abortSignal = AbortSignal.timeout(PATIENCE_MS);
      const Cmd = ['/bin/sh', '-c', SCRIPT, 'sh', this.assignment, signal];
      const exec = await docker
        .getContainer(containerId)
        .exec({ Cmd, AttachStdout: true, AttachStderr: true, abortSignal });
      const stream = await exec.start({ abortSignal });
      for await (const _ of stream) {
        // To its end: an engine may end what nobody listens to.
      }
    } catch {
      // It has ended, and everything in it.
    }
  }
}
