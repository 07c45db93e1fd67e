import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { type BatchObservableResult, metrics, type Observable } from '@opentelemetry/api';

const NS_PER_S = 1e9;

/**
 * Publishes how Node itself is doing, by the semantic conventions' names: event loop delay and utilization, heap,
 * resident memory and CPU. Read once per export, so it costs next to nothing.
 */
export function observeRuntime(): void {
  const meter = metrics.getMeter('flotilla-shop/runtime');
  const gauge = (name: string, unit: string, description: string) =>
    meter.createObservableGauge(name, { unit, description });
  const delayP50 = gauge('nodejs.eventloop.delay.p50', 's', 'Event loop delay, median of the interval');
  const delayP99 = gauge('nodejs.eventloop.delay.p99', 's', 'Event loop delay, 99th percentile of the interval');
  const utilization = gauge('nodejs.eventloop.utilization', '1', 'Share of the interval the event loop was busy');
  const heapUsed = gauge('v8js.memory.heap.used', 'By', 'Heap in use');
  const resident = gauge('process.memory.usage', 'By', 'Resident memory');
  const cpu = meter.createObservableCounter('process.cpu.time', { unit: 's', description: 'CPU time used' });

  const delay = monitorEventLoopDelay({ resolution: 50 });
  delay.enable();
  let lastLoop = performance.eventLoopUtilization();
  const observe = (result: BatchObservableResult): void => {
    const loop = performance.eventLoopUtilization();
    const memory = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    result.observe(delayP50, delay.percentile(50) / NS_PER_S);
    result.observe(delayP99, delay.percentile(99) / NS_PER_S);
    result.observe(utilization, performance.eventLoopUtilization(loop, lastLoop).utilization);
    result.observe(heapUsed, memory.heapUsed);
    result.observe(resident, memory.rss);
    result.observe(cpu, user / 1e6, { 'cpu.mode': 'user' });
    result.observe(cpu, system / 1e6, { 'cpu.mode': 'system' });
    delay.reset();
    lastLoop = loop;
  };
  const observed: Observable[] = [delayP50, delayP99, utilization, heapUsed, resident, cpu];
  meter.addBatchObservableCallback(observe, observed);
}
