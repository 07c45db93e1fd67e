import { context, SpanKind, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { brokerOf, destinationName, traceDelivery, tracePublishing } from './rabbitmq-spans.ts';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const broker = brokerOf('amqp://shop:secret@rabbitmq');
const job = { exchange: '', routingKey: 'jobs', value: 1 };
const incoming = { queue: 'jobs', value: 1, deliveryTag: 7, redelivered: false };

beforeAll(() => provider.register());
beforeEach(() => exporter.reset());
afterAll(async () => {
  await provider.shutdown();
  trace.disable();
  context.disable();
});

describe('spans of messages through RabbitMQ', () => {
  it('are one trace, from who sends to who works', async () => {
    const sent: Record<string, string>[] = [];
    await trace.getTracer('test').startActiveSpan('order', async (span) => {
      await tracePublishing(broker, { ...job, headers: { kept: 'yes' } }, async (headers) => void sent.push(headers));
      span.end();
    });
    const [headers = {}] = sent;
    await traceDelivery(broker, { ...incoming, headers }, async () => undefined);
    const [publish, order, process] = exporter.getFinishedSpans();
    expect([publish?.name, order?.name, process?.name]).toEqual(['publish jobs', 'order', 'process jobs']);
    expect([publish?.kind, process?.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    expect(process?.parentSpanContext?.spanId).toBe(publish?.spanContext().spanId);
    expect(process?.spanContext().traceId).toBe(order?.spanContext().traceId);
    expect(headers).toMatchObject({ kept: 'yes' });
    for (const span of [publish, process]) {
      expect(span?.attributes).toMatchObject({
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': 'jobs',
        'messaging.rabbitmq.destination.routing_key': 'jobs',
        'server.address': 'rabbitmq',
        'server.port': 5672,
      });
    }
    expect(JSON.stringify([publish?.attributes, process?.attributes])).not.toContain('secret');
  });

  it('tell what failed, and let it fail', async () => {
    const refused = tracePublishing(broker, job, () => Promise.reject(new RangeError('no queue takes it')));
    await expect(refused).rejects.toThrow('no queue takes it');
    const [span] = exporter.getFinishedSpans();
    expect(span?.status.message).toBe('no queue takes it');
    expect(span?.attributes['error.type']).toBe('RangeError');
  });

  it('leave the headers of what goes round inside the queue as they are', async () => {
    const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const sent: Record<string, string>[] = [];
    await tracePublishing(broker, { ...job, headers, traced: false }, async (given) => void sent.push(given));
    expect(sent).toEqual([headers]);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it.each([
    ['', 'jobs', 'jobs', 'jobs'],
    ['dead', '', '', 'dead'],
    ['orders', 'placed', '', 'orders:placed'],
    ['orders', 'placed', 'billing', 'orders:placed:billing'],
  ])('name exchange "%s", key "%s" and queue "%s" as "%s"', (exchange, key, queue, name) => {
    expect(destinationName(exchange, key, queue)).toBe(name);
  });
});
