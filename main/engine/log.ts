import pino, { type Logger } from 'pino';

export type { Logger };

/** The engine's own log: JSON lines on its standard output; FLOTILLA_LOG_LEVEL says from which level on. */
export function engineLog(): Logger {
  const destination = pino.destination({ fd: 1, sync: true });
  // On a full disk nothing can be logged; that is no reason to end.
  destination.on('error', () => {});
  return pino({ level: process.env.FLOTILLA_LOG_LEVEL ?? 'info', base: null }, destination);
}
