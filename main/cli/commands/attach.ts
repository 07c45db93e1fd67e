import { type Command, CommanderError } from 'commander';
import {
  type AttachCandidate,
  type AttachList,
  type Attachment,
  type AttachTarget,
  FlotillaError,
} from '../../contract/index.ts';
import { consoleAddress } from '../console-window.ts';
import { startEngine } from '../context.ts';
import { jsonOption } from '../options.ts';
import { note, print, table } from '../output.ts';

/** What is to be attached to; null: nothing was named. */
function targetOf(project: string | undefined, containers: readonly string[]): AttachTarget | null {
  if (containers.length > 0) return { containers: [...containers] };
  return project === undefined ? null : { project };
}

function listText({ candidates, reason, remedy }: AttachList): string {
  if (reason !== null) return `Nothing can be listed: ${reason} ${remedy ?? ''}`.trimEnd();
  if (candidates.length === 0) return 'No container runs that Flotilla did not start.';
  const rows = table(candidates, [
    { title: 'name', value: (one) => one.name },
    { title: 'kind', value: (one) => (one.project === null ? 'container' : 'project') },
    { title: 'running', align: 'right', value: runningText },
    { title: 'services', value: (one) => one.services.map(({ id }) => id).join(' ') },
  ]);
  return `${rows}\n\nAttach with: flotilla attach PROJECT, or flotilla attach --container NAME`;
}

function runningText({ services }: AttachCandidate): string {
  const sum = (pick: 'running' | 'containers'): number => services.reduce((total, one) => total + one[pick], 0);
  return `${sum('running')} of ${sum('containers')}`;
}

/** What makes a fleet that runs on its own send its traces here. */
export function attachmentText({ environment, reason }: Attachment): string {
  if (environment.length === 0) return `Its traces cannot come here. ${reason ?? ''}`.trimEnd();
  const lines = environment.map(({ name, value }) => `  ${name}=${value}`);
  return ['For its traces, add to the environment of its services:', ...lines].join('\n');
}

export function addAttach(program: Command): void {
  program
    .command('attach [project]')
    .description('look at a Compose project, or at containers, that run already; without a name, list what there is')
    .option('--container <name>', 'a container by its name or id, in place of a project; may be repeated', collect, [])
    .addOption(jsonOption())
    .action(async (project: string | undefined, options: { container: string[]; json: boolean }) => {
      if (project !== undefined && options.container.length > 0) {
        throw new CommanderError(2, 'flotilla.usage', 'flotilla: give a project or --container, not both');
      }
      const { client, endpoint, started } = await startEngine();
      try {
        const target = targetOf(project, options.container);
        if (target === null) {
          const list = await client.call('attach.list', undefined);
          print(options.json, list, () => listText(list));
          // Only to look, nobody wants an engine to stay.
          if (started) await client.call('engine.stop', undefined);
          return;
        }
        await client.call('fleet.attach', target);
        const { fleet } = await client.call('engine.state', undefined);
        if (!fleet) throw new FlotillaError('FLEET_NOT_LOADED');
        const { name, services, attached } = fleet;
        print(options.json, { name, services: services.map(({ id }) => id), attached }, () =>
          [
            `Attached to ${name}: ${services.map(({ id }) => id).join(', ')}`,
            ...(attached === null ? [] : [attachmentText(attached)]),
            `Console: ${consoleAddress(endpoint)}`,
          ].join('\n'),
        );
        if (!options.json) note('Nothing was changed. Detach with: flotilla down');
      } finally {
        client.close();
      }
    });
}

const collect = (value: string, before: string[]): string[] => [...before, value];
