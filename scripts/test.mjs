// Builds what is stale and runs every test; arguments go to vitest (`npm test -- main/engine/server`).
import { startVitest } from 'vitest/node';
import { SummaryReporter } from './lib/summary-reporter.mjs';
import { ensureBuilt, root } from './lib/targets.mjs';

await ensureBuilt();
const vitest = await startVitest('test', process.argv.slice(2), {
  root,
  run: true,
  watch: false,
  reporters: ['default', new SummaryReporter()],
});
await vitest.close();
