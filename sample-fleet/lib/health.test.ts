import { expect, test } from 'vitest';
import { runChecks } from './health.ts';

test('is well when every check passes', async () => {
  expect(await runChecks({ redis: async () => 'PONG' })).toMatchObject({ ok: true, checks: { redis: { ok: true } } });
  expect(await runChecks({})).toEqual({ ok: true, checks: {} });
});

test('names the check that failed and why', async () => {
  const report = await runChecks({
    redis: async () => 'PONG',
    postgres: () => Promise.reject(new Error('connection refused')),
  });
  expect(report.ok).toBe(false);
  expect(report.checks.redis?.ok).toBe(true);
  expect(report.checks.postgres).toMatchObject({ ok: false, message: 'connection refused' });
});
