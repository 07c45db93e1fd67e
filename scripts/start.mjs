// `npm start -- ARGS` is `flotilla ARGS`, built first where the sources are newer.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, root } from './lib/targets.mjs';

await ensureBuilt();
const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
// The terminal sends Ctrl+C to both; the command line ends in its own time and this waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
