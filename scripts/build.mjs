// Builds what is older than its sources. `npm run build -- --force` builds all of it.
import { ensureBuilt } from './lib/targets.mjs';

await ensureBuilt({ force: process.argv.includes('--force') });
