import { type Context, context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';

/** The active span in W3C form (https://www.w3.org/TR/trace-context/), to be kept in a row; empty where there is none. */
export function currentTraceparent(): string {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? '';
}

/** The context in which what is done later belongs to the trace that was kept. */
export function contextOf(traceparent: string): Context {
  return propagation.extract(ROOT_CONTEXT, { traceparent });
}
