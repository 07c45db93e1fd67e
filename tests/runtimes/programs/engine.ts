// The fleet's part of an engine, as a process that a test can kill: `engine.js HOME FILE`.
import { createFleet } from '../../../main/engine/fleet/index.ts';

const [home = '', file = ''] = process.argv.slice(2);
const fleet = createFleet({
  home,
  otlp: { http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317' },
  onChange(change) {
    if (change.kind === 'fleet') process.stdout.write(`state ${change.fleet?.state}\n`);
  },
  onLogs(lines) {
    for (const line of lines) process.stdout.write(`log ${line.service} ${line.message}\n`);
  },
});
if (!(await fleet.adopt())) await fleet.up({ file, runtime: 'process' });
// Nothing else keeps this process alive: what the fleet starts runs on its own.
setInterval(() => undefined, 60_000);
