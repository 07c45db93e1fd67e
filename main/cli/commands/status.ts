import type { Command } from 'commander';
import { currentHome, findEngine } from '../../client/node/index.ts';
import { type EngineState, isServiceUp } from '../../contract/index.ts';
import { noEngine } from '../context.ts';
import { jsonOption } from '../options.ts';
import { note, paint, print } from '../output.ts';

function summary(state: EngineState) {
  const { engine, otlp, links, fleet, chaos, problems } = state;
  return {
    engine,
    otlp,
    links,
    fleet: fleet && {
      name: fleet.name,
      file: fleet.file,
      runtime: fleet.runtime,
      runtimeReason: fleet.runtimeReason,
      state: fleet.state,
      startedAt: fleet.startedAt,
      services: fleet.services.length,
      healthy: fleet.services.filter(isServiceUp).length,
    },
    faults: { on: chaos.faults.length, isBlocked: chaos.isBlocked },
    problems,
  };
}

/** `2 on`, and whether new ones are refused. */
function faultsText({ on, isBlocked }: { readonly on: number; readonly isBlocked: boolean }): string {
  const stopped = 'stopped, no new ones until: flotilla fault release';
  if (on === 0) return isBlocked ? stopped : 'none on';
  return isBlocked ? `${on} on; ${stopped}` : `${on} on`;
}

function text(state: EngineState): string {
  const { engine, otlp, fleet, faults, problems } = summary(state);
  const lines = [
    `engine  ${engine.url} (pid ${engine.pid}, version ${engine.version})`,
    `otlp    ${otlp.http} (HTTP), ${otlp.grpc} (gRPC)`,
    fleet
      ? `fleet   ${fleet.name} on ${fleet.runtime}: ${fleet.state}, ${fleet.healthy} of ${fleet.services} healthy`
      : 'fleet   none; start one with: flotilla up [FILE]',
    `faults  ${faultsText(faults)}`,
    ...problems.map((one) => paint('red', `problem ${one.message} ${one.remedy}`)),
  ];
  return lines.join('\n');
}

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('the engine and its fleet, in short')
    .addOption(jsonOption())
    .action(async ({ json }: { json: boolean }) => {
      const home = currentHome();
      const found = await findEngine(home);
      if (!found) {
        const { code, message, remedy } = noEngine(home);
        if (code === 'ENGINE_DIED' || !json) note(`${message} ${remedy}`);
        print(
          json,
          { engine: null, otlp: null, links: null, fleet: null, faults: null, problems: [] },
          () => 'stopped',
        );
        return;
      }
      const state = await found.client.call('engine.state', undefined);
      found.client.close();
      print(json, summary(state), () => text(state));
    });
}
