import type { ImageProgress, NewLogRecord } from '../../contract/index.ts';

/** What a pull or a build that failed has written, as log lines of the services that it was for. */
export function imageLogRecords({ services, output, error, action }: ImageProgress, timeMs: number): NewLogRecord[] {
  if (error === null) return [];
  return services.flatMap((service) =>
    output.map((message) => ({
      timeMs,
      service,
      instance: '',
      level: 'info' as const,
      message: `${action}: ${message}`,
      traceId: null,
      spanId: null,
      attributes: {},
      source: 'flotilla' as const,
    })),
  );
}
