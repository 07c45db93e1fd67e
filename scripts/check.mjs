// Types, lint and format: what a change has to pass before its tests are worth running.
import { spawnSync } from 'node:child_process';
import { root } from './lib/targets.mjs';

const steps = [
  ['types', ['tsc', '-p', 'tsconfig.json']],
  ['types of the tests', ['tsc', '-p', 'tests/tsconfig.json']],
  ['types of the console', ['tsc', '-p', 'renderer/tsconfig.json']],
  ['lint and format', ['biome', 'check', '.']],
];

let failed = 0;
for (const [name, [command, ...args]] of steps) {
  const bin = `${root}/node_modules/.bin/${command}`;
  const { status } = spawnSync(bin, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  console.log(`${status === 0 ? '✓' : '✗'} ${name}`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
