import type Dockerode from 'dockerode';
import { z } from 'zod';
import type { Usage } from './usage.ts';

const counter = z.number().nonnegative().catch(0);
const Entry = z.object({ op: z.string(), value: counter });

/** What is read of an engine's stats (https://docs.docker.com/engine/api/v1.41/#operation/ContainerStats). */
const Stats = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: counter }) }),
  memory_stats: z
    .object({
      usage: counter.optional(),
      limit: counter.optional(),
      stats: z.record(z.string(), z.unknown()).optional(),
    })
    .default({}),
  networks: z.record(z.string(), z.object({ rx_bytes: counter, tx_bytes: counter })).nullish(),
  blkio_stats: z.object({ io_service_bytes_recursive: z.array(Entry).nullish() }).default({}),
});

/** Over a network an engine may vanish without a word, and a pass that never ends would be the last. */
export const STATS_PATIENCE_MS = 8000;

/** One measurement by the engine's API. Null for a container that does not run. */
export async function apiUsage(docker: Dockerode, containerId: string, memoryOfMachine: number): Promise<Usage | null> {
  // `one-shot`: without it the engine measures twice, a second apart, to tell a rate that we make ourselves.
  const abortSignal = AbortSignal.timeout(STATS_PATIENCE_MS);
  const options = { stream: false, 'one-shot': true, abortSignal } as unknown as { stream: false };
  const answer: unknown = await docker.getContainer(containerId).stats(options);
  const parsed = Stats.safeParse(answer);
  return parsed.success ? usageOf(parsed.data, memoryOfMachine) : null;
}

/** @param memoryOfMachine the engine says it as the limit of what has none */
export function usageOf(stats: z.infer<typeof Stats>, memoryOfMachine: number): Usage | null {
  const { usage, limit = 0, stats: details = {} } = stats.memory_stats;
  if (usage === undefined) return null;
  const cached = Number(details.total_inactive_file ?? details.inactive_file ?? 0) || 0;
  const networks = stats.networks && Object.values(stats.networks);
  const io = stats.blkio_stats.io_service_bytes_recursive;
  const bytes = (op: string): number =>
    (io ?? []).reduce((total, one) => (one.op.toLowerCase() === op ? total + one.value : total), 0);
  return {
    cpuNs: stats.cpu_stats.cpu_usage.total_usage,
    memoryBytes: Math.max(0, usage - cached),
    memoryLimitBytes: limit === 0 || limit >= memoryOfMachine ? null : limit,
    network: networks
      ? {
          inBytes: networks.reduce((total, one) => total + one.rx_bytes, 0),
          outBytes: networks.reduce((total, one) => total + one.tx_bytes, 0),
        }
      : null,
    disk: io ? { inBytes: bytes('read'), outBytes: bytes('write') } : null,
  };
}
