import { type FaultTarget, FlotillaError } from '../contract/index.ts';

/**
 * What a fault is put on, as a person writes it: `orders:payments`, `orders:payments:7106` or `orders->payments` is an edge,
 * `orders` a service, `orders-2` one copy of it. Whether it is there the engine says, but for services, whose names tell a copy
 * from a name that ends with a number.
 * @throws FlotillaError FAULT_TARGET_TEXT
 */
export function parseFaultTarget(text: string, services: readonly string[]): FaultTarget {
  const edge = /^([^:>]+?)(?:->|:)([^:>]+?)(?::(\d{1,5}))?$/.exec(text);
  if (edge !== null) {
    const [, from = '', to = '', port] = edge;
    return { kind: 'edge', from: from.trim(), to: to.trim(), ...(port === undefined ? {} : { port: Number(port) }) };
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)) throw new FlotillaError('FAULT_TARGET_TEXT', { target: text });
  const copy = /^(.+)-(\d{1,4})$/.exec(text);
  if (services.includes(text) || copy === null) return { kind: 'service', service: text };
  const [, service = '', instance] = copy;
  if (!services.includes(service) || Number(instance) < 1) return { kind: 'service', service: text };
  return { kind: 'service', service, instance: Number(instance) };
}
