import { context, trace } from '@opentelemetry/api';
import { pino } from 'pino';

/**
 * The log of a service: one JSON object a line on stdout with `time`, `level`, `msg` and the ids of the span that is
 * active where the line is written, so that a line leads to its trace and back.
 *
 *   log.info({ orderId }, 'order placed');
 *   log.error({ err }, 'could not charge');
 */
export const log = pino(
  {
    level: process.env.LOG_LEVEL ?? 'info',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const span = trace.getSpanContext(context.active());
      return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
    },
  },
  // Not synchronous: a reader of stdout that is slow must not hold up the service. Pino flushes at exit.
  pino.destination({ fd: 1, sync: false }),
);

export type Log = typeof log;
