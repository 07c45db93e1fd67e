import { z } from 'zod';

/** A Compose service name: the one id of a service in every view, runtime and signal (`service.name` in OpenTelemetry). */
export const ServiceId = z.string().min(1).max(200).brand<'ServiceId'>();
export type ServiceId = z.infer<typeof ServiceId>;

/** A W3C trace id: 32 lower-case hex digits. */
export const TraceId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'a trace id is 32 lower-case hex digits')
  .brand<'TraceId'>();
export type TraceId = z.infer<typeof TraceId>;

/** A W3C span id: 16 lower-case hex digits. */
export const SpanId = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'a span id is 16 lower-case hex digits')
  .brand<'SpanId'>();
export type SpanId = z.infer<typeof SpanId>;

/**
 * A node of the topology. A service's node is its ServiceId; a thing inside one (a topic in a broker, a database in a
 * server) is `<service>/<name>`, for example `kafka/order-events` or `postgres/orders`.
 */
export const NodeId = z.string().min(1).max(400).brand<'NodeId'>();
export type NodeId = z.infer<typeof NodeId>;
