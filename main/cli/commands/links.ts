import type { Command } from 'commander';
import type { LinkInfo } from '../../contract/index.ts';
import { withEngine } from '../context.ts';
import { formatBytes } from '../format.ts';
import { jsonOption } from '../options.ts';
import { print, table } from '../output.ts';

function text(links: readonly LinkInfo[], url: string | null): string {
  if (url === null || links.length === 0) return 'There are no links: no fleet runs, or its calls pass none.';
  const rows = table(links, [
    // From, to and port in one, as Toxiproxy's clients have to name it.
    { title: 'name', value: (one) => one.name },
    { title: 'protocol', value: (one) => one.protocol },
    { title: 'listens on', value: (one) => one.listen },
    { title: 'open', align: 'right', value: ({ connections }) => String(connections.open) },
    { title: 'connections', align: 'right', value: ({ connections }) => String(connections.total) },
    { title: 'refused', align: 'right', value: ({ connections }) => String(connections.refused) },
    { title: 'requests', align: 'right', value: ({ requests }) => (requests === null ? '' : String(requests.total)) },
    { title: 'errors', align: 'right', value: ({ requests }) => (requests === null ? '' : String(requests.errors)) },
    { title: 'sent', align: 'right', value: ({ bytes }) => formatBytes(bytes.upstream) },
    { title: 'received', align: 'right', value: ({ bytes }) => formatBytes(bytes.downstream) },
  ]);
  return `${rows}\nControl API, as Toxiproxy's: toxiproxy-cli --host ${url} list`;
}

export function addLinks(program: Command): void {
  program
    .command('links')
    .description('the proxies that calls between services pass, with what they have counted')
    .addOption(jsonOption())
    .action(({ json }: { json: boolean }) =>
      withEngine(async (client) => {
        const [links, state] = await Promise.all([
          client.call('links.list', undefined),
          client.call('engine.state', undefined),
        ]);
        print(json, links, () => text(links, state.links?.url ?? null));
      }),
    );
}
