import { expect, it } from 'vitest';
import { ServiceId } from '../../contract/index.ts';
import type { InstanceStats } from '../runtimes/index.ts';
import { UsageMetrics, usageRequest } from './usage-metrics.ts';

const traffic = (inBytes: number, outBytes: number) => ({
  inBytes,
  outBytes,
  inBytesPerSecond: 0,
  outBytesPerSecond: 0,
});
const stats: InstanceStats = {
  instance: { service: ServiceId.parse('orders'), index: 2 },
  cpuPercent: 150,
  cpuSeconds: 12,
  memoryBytes: 1000,
  memoryLimitBytes: 2000,
  network: traffic(10, 20),
  disk: null,
};

it("names what containers use by OpenTelemetry's names", () => {
  const [resource] = usageRequest('docker', 'shop', [stats], 5).resourceMetrics;
  expect(resource?.resource.attributes).toContainEqual({
    key: 'service.instance.id',
    value: { stringValue: 'orders-2' },
  });
  const metrics = resource?.scopeMetrics[0]?.metrics ?? [];
  expect(metrics.map((one) => [one.name, one.unit])).toEqual([
    ['container.cpu.usage', '{cpu}'],
    ['container.cpu.time', 's'],
    ['container.memory.usage', 'By'],
    ['container.memory.limit', 'By'],
    ['container.network.io', 'By'],
  ]);
  expect(metrics[0]).toMatchObject({ gauge: { dataPoints: [{ asDouble: 1.5, timeUnixNano: '5000000' }] } });
  expect(metrics[4]).toMatchObject({
    sum: {
      isMonotonic: true,
      dataPoints: [
        { asDouble: 10, attributes: [{ key: 'network.io.direction', value: { stringValue: 'receive' } }] },
        { asDouble: 20, attributes: [{ key: 'network.io.direction', value: { stringValue: 'transmit' } }] },
      ],
    },
  });
});

it('names those of processes as such', () => {
  const [resource] = usageRequest('process', 'shop', [{ ...stats, network: null }], 5).resourceMetrics;
  expect(resource?.scopeMetrics[0]?.metrics.map((one) => one.name)).toEqual([
    'process.cpu.utilization',
    'process.cpu.time',
    'process.memory.usage',
    'process.memory.limit',
  ]);
});

it('is handed out a few times a minute', () => {
  const bodies: Buffer[] = [];
  const metrics = new UsageMetrics('docker', 'shop', (body) => bodies.push(body));
  for (let atMs = 0; atMs < 60_000; atMs += 2000) metrics.take([stats], atMs);
  metrics.take([], 100_000);
  expect(bodies).toHaveLength(6);
});
