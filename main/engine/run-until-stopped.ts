import type { Logger } from './log.ts';

/** Asks the program to stop, whose log says why. Later requests change nothing. */
export type RequestStop = (why: string) => void;

/**
 * Starts the engine and ends this process once SIGINT, SIGTERM or a part of it asks for that, after all is stopped: with 0, or with 1
 * when something could not be stopped. A request that comes while it starts waits until it has. Rejects when it cannot start.
 */
export async function runUntilStopped(
  log: Logger,
  start: (requestStop: RequestStop) => Promise<{ stop(): Promise<void> }>,
): Promise<void> {
  let stopping = false;
  const requestStop: RequestStop = (why) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'engine stops, and its fleet');
    starting
      .then((engine) => engine.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'engine did not stop cleanly');
          process.exit(1);
        },
      );
  };
  const starting = start(requestStop);
  process.on('SIGINT', () => requestStop('SIGINT'));
  process.on('SIGTERM', () => requestStop('SIGTERM'));
  await starting;
}
