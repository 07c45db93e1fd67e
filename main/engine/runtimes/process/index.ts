import type { Capability } from '../../../contract/index.ts';
import type { Availability, Readiness, Runtime } from '../runtime.ts';
import { embeddedProgramFor } from './embedded/index.ts';
import { ProcessRun } from './process-run.ts';
import { processTable } from './process-table.ts';

export { embeddedProgramFor, packageRoot } from './embedded/index.ts';
export { processTable };

const can = (name: Capability['name']): Capability => ({ name, available: true, reason: null });
const cannot = (name: Capability['name'], reason: string): Capability => ({ name, available: false, reason });

const CAPABILITIES: readonly Capability[] = [
  can('pause'),
  can('terminal'),
  can('stats'),
  cannot('limits', 'Processor and memory limits need containers: use --runtime docker.'),
  cannot('disconnect', 'Local processes share one network: use a fault on an edge, or --runtime docker.'),
  cannot('files', 'Services use the files of this machine: open a terminal.'),
  cannot('inspect', 'There is no container to inspect.'),
  cannot('scale', 'The number of copies is that of the fleet file while it runs.'),
];

/** Services as child processes of the engine: needs nothing but Node. */
export function processRuntime(table = processTable()): Runtime {
  return {
    kind: 'process',
    capabilities: CAPABILITIES,
    async detect(): Promise<Availability> {
      if (process.platform !== 'win32') {
        const version = process.versions.node;
        return { available: true, version, detail: `local processes, which need nothing but Node ${version}` };
      }
      return {
        available: false,
        reason: 'Windows has no process groups to stop and pause services by',
        remedy: 'Use --runtime docker, or run Flotilla inside WSL.',
      };
    },
    async readiness({ services }): Promise<Readiness> {
      const cannotRun = services.filter((one) => one.process === null && embeddedProgramFor(one.image) === null);
      return { cannotRun: cannotRun.map((one) => one.id), missing: [], images: [] };
    },
    async open(model, context) {
      const run = new ProcessRun(model, context, table);
      await run.open();
      return run;
    },
  };
}
