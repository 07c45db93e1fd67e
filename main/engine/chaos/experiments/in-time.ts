import { runInNewContext } from 'node:vm';

/** Ten times what the largest answers take with patterns that are well; the engine stands still for as long at most. */
const LIMIT_MS = 500;

/** What was run in the time that it had did not end. */
export class OutOfTimeError extends Error {
  constructor() {
    super(`took longer than ${LIMIT_MS} ms`);
  }
}

/**
 * Gives what a function does that computes by what a person wrote, such as a regular expression, which may go on for years. V8
 * interrupts whatever is run, also outside of the context, whose only purpose is that it comes with a time limit.
 * @throws OutOfTimeError and what the function throws
 */
export function inTime<T>(run: () => T): T {
  try {
    return runInNewContext('run()', { run }, { timeout: LIMIT_MS }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new OutOfTimeError();
    throw error;
  }
}
