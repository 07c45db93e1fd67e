import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { instanceId } from './instance.ts';

test('is what the runtime says, else the host', () => {
  const attributes = 'service.namespace=shop, service.instance.id=gateway-2';
  expect(instanceId({ OTEL_RESOURCE_ATTRIBUTES: attributes })).toBe('gateway-2');
  expect(instanceId({ OTEL_RESOURCE_ATTRIBUTES: 'a=b' })).toBe(hostname());
});
