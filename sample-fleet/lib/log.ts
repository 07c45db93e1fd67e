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
  // Synchronous: nothing is lost when the process ends, and a reader that has gone (EPIPE) cannot keep it from ending.
  pino.destination({ fd: 1, sync: true }),
);

export type Log = typeof log;
