import { type ApiHandlers, fixRange } from '../contract/index.ts';
import { declaredEdges, type Fleet } from './fleet/index.ts';
import type { Kafka, KafkaBroker } from './kafka/index.ts';
import { mergeTopology, type Telemetry } from './telemetry/index.ts';

// Where two parts of the engine meet that know nothing of each other.

/** The ports of receivers that services were told of, to be listened on again. */
export function otlpPorts(urls: { http: string; grpc: string } | null): { http?: number; grpc?: number } {
  if (!urls) return {};
  return { http: Number(new URL(urls.http).port), grpc: Number(new URL(urls.grpc).port) };
}

/** The fleet's Kafka broker, as this machine reaches it; null when it has none, or none that has a port yet. */
export function kafkaBroker(fleet: Fleet): KafkaBroker | null {
  const model = fleet.model();
  for (const service of model?.services ?? []) {
    const port = service.ports.find((one) => one.protocol === 'kafka');
    const at = port && fleet.reach(service.id, port.name);
    if (!at) continue;
    const topics = model?.resources.filter((one) => one.service === service.id && one.kind === 'topic') ?? [];
    return {
      service: service.id,
      address: `${at.host}:${at.port}`,
      topicDescriptions: Object.fromEntries(topics.map((one) => [one.name, one.description])),
    };
  }
  return null;
}

/** How far each consumer group is behind on all of its topics. @throws FlotillaError KAFKA_NONE, KAFKA_UNREACHABLE */
export async function consumerLags(kafka: Kafka): Promise<{ group: string; lag: number }[]> {
  const groups = await kafka.handlers['kafka.groups'](undefined, new AbortController().signal);
  return groups.map(({ id, lag }) => ({ group: id, lag }));
}

/** `host:port` of everything that the fleet's services listen on, so that an address in a span is a service again. */
function addresses(fleet: Fleet): Map<string, { service: string }> {
  const found = new Map<string, { service: string }>(fleet.addresses());
  for (const service of fleet.model()?.services ?? []) {
    for (const port of service.ports) {
      const at = fleet.reach(service.id, port.name);
      if (at) found.set(`${at.host}:${at.port}`, { service: service.id });
    }
  }
  return found;
}

/** The topology joins what spans have shown with what the fleet's file declares, how services are, and consumers' lag. */
export function topologyHandler(telemetry: Telemetry, fleet: Fleet, kafka: Kafka): ApiHandlers['topology.get'] {
  return async ({ range }, signal) => {
    const model = fleet.model();
    const fixed = fixRange(range, Date.now());
    const [seen, { lag, partitions }] = await Promise.all([telemetry.topologySeen(fixed, signal), kafka.overview()]);
    return mergeTopology({
      seen,
      model,
      declared: model ? declaredEdges(model) : [],
      services: fleet.view()?.services ?? [],
      lag,
      partitions,
      addresses: addresses(fleet),
      links: fleet.linkTraffic(fixed.fromMs, fixed.toMs),
    });
  };
}
