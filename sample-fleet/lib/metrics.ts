import { type Attributes, type Counter, type Histogram, metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('flotilla-shop');

/** A number that only grows: orders placed, messages sent. */
export function counter(name: string, description: string, unit = '1'): Counter {
  return meter.createCounter(name, { description, unit });
}

/** A distribution: durations in seconds, sizes in bytes. */
export function histogram(name: string, description: string, unit = 's'): Histogram {
  return meter.createHistogram(name, { description, unit });
}

/** A value read when metrics are exported: a queue's length, a circuit's state. Returns a function that ends it. */
export function gauge(
  name: string,
  description: string,
  read: () => Iterable<{ value: number; attributes?: Attributes }>,
  unit = '1',
): () => void {
  const instrument = meter.createObservableGauge(name, { description, unit });
  const observe = (result: { observe(value: number, attributes?: Attributes): void }): void => {
    for (const { value, attributes } of read()) result.observe(value, attributes);
  };
  instrument.addCallback(observe);
  return () => instrument.removeCallback(observe);
}
