// Shoots every view of the running shop, light and dark, into docs/screens.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildNode, ensureBuilt, root } from './lib/targets.mjs';

await ensureBuilt();
await buildNode({ outDir: 'dist/screens', entries: { main: 'tests/screens/main.ts' } });
const { status } = spawnSync(process.execPath, [join(root, 'dist/screens/main.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
