import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { FlotillaError, type ServiceAction, type ServiceView } from '../../contract/index.ts';
import { withEngine } from '../context.ts';
import { formatBytes } from '../format.ts';
import { jsonOption } from '../options.ts';
import { paint, print, table } from '../output.ts';

async function fleetServices(client: Client): Promise<ServiceView[]> {
  const { fleet } = await client.call('engine.state', undefined);
  if (!fleet) throw new FlotillaError('FLEET_NOT_LOADED');
  return fleet.services;
}

function servicesText(services: readonly ServiceView[]): string {
  const rows = table(services, [
    { title: 'service', value: (one) => one.id },
    { title: 'kind', value: (one) => one.kind },
    { title: 'state', value: (one) => one.state },
    { title: 'health', value: (one) => one.health },
    { title: 'restarts', align: 'right', value: (one) => String(one.restarts) },
    {
      title: 'cpu',
      align: 'right',
      value: (one) => (one.cpuPercent === null ? '–' : `${one.cpuPercent.toFixed(1)} %`),
    },
    { title: 'memory', align: 'right', value: (one) => formatBytes(one.memoryBytes) },
    { title: 'endpoints', value: (one) => one.endpoints.map((endpoint) => endpoint.url).join(' ') },
  ]);
  const why = services.filter((one) => one.reason).map((one) => `${paint('yellow', one.id)}: ${one.reason}`);
  return [rows, ...why].join('\n');
}

const actions: Readonly<Record<ServiceAction, string>> = {
  restart: 'stop a service and start it again',
  stop: 'stop a service; it stays stopped',
  start: 'start a service that was stopped',
  kill: 'end a service at once, without asking it',
  pause: 'freeze a service',
  resume: 'let a frozen service go on',
};

export function addServices(program: Command): void {
  program
    .command('services')
    .description('the services with state, health, load and endpoints')
    .addOption(jsonOption())
    .action(({ json }: { json: boolean }) =>
      withEngine(async (client) => {
        const services = await fleetServices(client);
        print(json, services, () => servicesText(services));
      }),
    );
  for (const [action, description] of Object.entries(actions) as [ServiceAction, string][]) {
    program
      .command(`${action} <service>`)
      .description(description)
      .addOption(jsonOption())
      .action((id: string, { json }: { json: boolean }) =>
        withEngine(async (client) => {
          const known = (await fleetServices(client)).map((one) => one.id);
          const service = known.find((one) => one === id);
          if (!service) throw new FlotillaError('SERVICE_UNKNOWN', { service: id, known: known.join(', ') });
          const view = await client.call('service.act', { service, action });
          print(json, view, () => `${view.id}: ${view.state}`);
        }),
      );
  }
}
