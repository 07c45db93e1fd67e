/**
 * Spans of messages through RabbitMQ, with the names of https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/.
 * Made here and not by an instrumentation: there is none for rabbitmq-client.
 */
import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { messageOf } from './backoff.ts';
import type { IncomingJob, OutgoingJob } from './rabbitmq.ts';

const tracer = trace.getTracer('rabbitmq');
const DEFAULT_PORT = 5672;

/** What spans say of a broker at `amqp://user:password@host:port`: never the password. */
export function brokerOf(url: string): Attributes {
  const { hostname, port } = new URL(url);
  return {
    'messaging.system': 'rabbitmq',
    'server.address': hostname,
    'server.port': port === '' ? DEFAULT_PORT : Number(port),
  };
}

/**
 * The conventions' name of a destination: exchange, routing key and queue, parted by colons, each named once. A message by
 * way of the default exchange goes to the queue that its routing key names, so both sides call it by the queue's name.
 */
export function destinationName(exchange: string, routingKey: string, queue = ''): string {
  const parts = [exchange, routingKey, queue].filter((part) => part !== '');
  return [...new Set(parts)].join(':');
}

/** Runs `send` in a producer span, with the headers that carry the span to whoever takes the message. */
export async function tracePublishing(
  broker: Attributes,
  job: OutgoingJob,
  send: (headers: Record<string, string>) => Promise<void>,
): Promise<void> {
  const { exchange, routingKey, traced = true } = job;
  if (!traced) return send({ ...job.headers });
  const destination = destinationName(exchange, routingKey);
  const attributes = {
    ...broker,
    'messaging.destination.name': destination,
    'messaging.operation.name': 'publish',
    'messaging.operation.type': 'send',
    ...(routingKey === '' ? {} : { 'messaging.rabbitmq.destination.routing_key': routingKey }),
  };
  await tracer.startActiveSpan(`publish ${destination}`, { kind: SpanKind.PRODUCER, attributes }, (span) => {
    const headers = { ...job.headers };
    propagation.inject(context.active(), headers);
    return finish(span, send(headers));
  });
}

/** Runs `handle` in a consumer span that belongs to the trace of whoever sent the message. */
export async function traceDelivery(broker: Attributes, job: IncomingJob, handle: () => Promise<void>): Promise<void> {
  const attributes = {
    ...broker,
    'messaging.destination.name': destinationName('', job.queue),
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.rabbitmq.destination.routing_key': job.queue,
    'messaging.rabbitmq.message.delivery_tag': job.deliveryTag,
  };
  const sender = propagation.extract(ROOT_CONTEXT, job.headers);
  const options = { kind: SpanKind.CONSUMER, attributes };
  await tracer.startActiveSpan(`process ${job.queue}`, options, sender, (span) => finish(span, handle()));
}

async function finish(span: Span, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    span.setAttribute('error.type', error instanceof Error ? error.name : '_OTHER');
    throw error;
  } finally {
    span.end();
  }
}
