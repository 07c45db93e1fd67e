import { hostname } from 'node:os';

/** Tells this instance from its replicas and stays the same over a restart: what the runtime says it is, or the host. */
export function instanceId(environment: Record<string, string | undefined> = process.env): string {
  const attributes = environment.OTEL_RESOURCE_ATTRIBUTES ?? '';
  const found = attributes.split(',').find((pair) => pair.trim().startsWith('service.instance.id='));
  return found?.trim().slice('service.instance.id='.length) || hostname();
}
