// Measures every line of the budgets and prints a table; `npm run bench -- ingest kafka` runs some of it only.
// The figures are written to dist/bench/figures.json.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildNode, ensureBuilt, root } from './lib/targets.mjs';

await ensureBuilt();
await buildNode({ outDir: 'dist/bench', entries: { main: 'tests/bench/main.ts' } });
const { status } = spawnSync(process.execPath, [join(root, 'dist/bench/main.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
