import { defineConfig } from 'vitest/config';

// In continuous integration one race must not hide what the other two thousand tests say; it is named at the end.
const retry = process.env.CI === undefined ? 0 : 1;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{main,renderer,preload,sample-fleet,scripts}/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          pool: 'forks',
          retry,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          pool: 'forks',
          // These start engines, brokers, databases and browsers of their own: one file at a time, so that none starves.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          retry,
          // What crosses processes takes its time on a busy machine.
          expect: { poll: { timeout: 15_000, interval: 100 } },
        },
      },
    ],
  },
});
