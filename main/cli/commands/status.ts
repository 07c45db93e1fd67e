import type { Command } from 'commander';
import { currentHome, findEngine } from '../../client/node/index.ts';
import { type EngineState, isServiceUp } from '../../contract/index.ts';
import { jsonOption } from '../options.ts';
import { note, paint, print } from '../output.ts';
import { hasLeftover } from './down.ts';

function summary(state: EngineState) {
  const { engine, otlp, links, fleet, problems } = state;
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
    problems,
  };
}

function text(state: EngineState): string {
  const { engine, otlp, fleet, problems } = summary(state);
  const lines = [
    `engine  ${engine.url} (pid ${engine.pid}, version ${engine.version})`,
    `otlp    ${otlp.http} (HTTP), ${otlp.grpc} (gRPC)`,
    fleet
      ? `fleet   ${fleet.name} on ${fleet.runtime}: ${fleet.state}, ${fleet.healthy} of ${fleet.services} healthy`
      : 'fleet   none; start one with: flotilla up [FILE]',
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
        if (hasLeftover(home))
          note('The engine died. Its fleet may still run: flotilla up takes it over, flotilla down ends it.');
        else if (!json) note('No engine is running. Start one with: flotilla up');
        print(json, { engine: null, otlp: null, links: null, fleet: null, problems: [] }, () => 'stopped');
        return;
      }
      const state = await found.client.call('engine.state', undefined);
      found.client.close();
      print(json, summary(state), () => text(state));
    });
}
