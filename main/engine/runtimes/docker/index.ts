import { type Capability, FlotillaError } from '../../../contract/index.ts';
import type { Runtime } from '../runtime.ts';
import { dockerAttaching } from './attach/index.ts';
import { dockerode } from './connection/index.ts';
import type { RunEngine } from './containers.ts';
import { DockerRun } from './docker-run.ts';
import { DockerRunFolder } from './run-state.ts';
import { DockerStanding } from './standing.ts';

const can = (name: Capability['name']): Capability => ({ name, available: true, reason: null });
const cannot = (name: Capability['name'], reason: string): Capability => ({ name, available: false, reason });

const CAPABILITIES: readonly Capability[] = [
  can('pause'),
  can('terminal'),
  can('stats'),
  can('files'),
  can('inspect'),
  cannot('limits', 'Processor and memory limits are those of the fleet file while it runs.'),
  cannot('disconnect', 'Networks are those of the fleet file while it runs.'),
  cannot('scale', 'The number of copies is that of the fleet file while it runs.'),
];

/** Services as containers of a Docker engine, or of one that speaks its API. */
export function dockerRuntime(standing = new DockerStanding()): Runtime {
  return {
    kind: 'docker',
    capabilities: CAPABILITIES,
    detect: () => standing.detect(),
    readiness: (model) => standing.readiness(model),
    attaching: dockerAttaching({
      now: () => answering(standing),
      ofRun: (home, runId) => findEngine(standing, home, runId),
    }),
    async open(model, context) {
      const run = new DockerRun(await findEngine(standing, context.home, context.runId), model, context);
      await run.setUp().catch(async (error: unknown) => {
        await run.close();
        throw error;
      });
      return run;
    },
  };
}

async function answering(standing: DockerStanding): Promise<RunEngine> {
  const found = await standing.search();
  if (found.found) return found.engine;
  const { reason: detail, remedy } = found;
  throw new FlotillaError('RUNTIME_UNAVAILABLE', { runtime: 'docker', detail, remedy });
}

/** The engine; for a run that was before, where it was then, when it does not answer now. */
async function findEngine(standing: DockerStanding, home: string, runId: string): Promise<RunEngine> {
  const found = await standing.search();
  if (found.found) return found.engine;
  const address = new DockerRunFolder(home, runId).readState()?.address;
  const socket = address === undefined ? undefined : /^unix:\/\/(.+)$/.exec(address)?.[1];
  if (address === undefined || socket === undefined) {
    const { reason: detail, remedy } = found;
    throw new FlotillaError('RUNTIME_UNAVAILABLE', { runtime: 'docker', detail, remedy });
  }
  return { docker: dockerode({ socketPath: socket }), address, local: process.platform === 'linux' };
}
