import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { messageOf } from './backoff.ts';

/** Named checks; one that rejects, or takes longer than CHECK_LIMIT_MS, is a dependency that is away. */
export type Checks = Record<string, () => Promise<unknown>>;

export interface CheckReport {
  ok: boolean;
  checks: Record<string, { ok: boolean; durationMs: number; message?: string }>;
}

const CHECK_LIMIT_MS = 1_500;

/** Runs every check at once, untraced: health is asked for every second or two and would drown the real traces. */
export async function runChecks(checks: Checks): Promise<CheckReport> {
  const entries = await context.with(suppressTracing(context.active()), () =>
    Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const)),
  );
  return { ok: entries.every(([, result]) => result.ok), checks: Object.fromEntries(entries) };
}

async function runCheck(check: () => Promise<unknown>): Promise<CheckReport['checks'][string]> {
  const startMs = performance.now();
  const durationMs = (): number => Math.round(performance.now() - startMs);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_LIMIT_MS} ms`)), CHECK_LIMIT_MS);
  });
  try {
    await Promise.race([check(), tooLate]);
    return { ok: true, durationMs: durationMs() };
  } catch (error) {
    return { ok: false, durationMs: durationMs(), message: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
