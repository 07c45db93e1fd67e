import type { Command } from 'commander';
import { FlotillaError } from '../../contract/index.ts';
import { withEngine } from '../context.ts';

const CREDITS = 256 * 1024;

export function addExec(program: Command): void {
  program
    .command('exec <service>')
    .description("a terminal in a service's folder and environment")
    .action((id: string) =>
      withEngine(async (client) => {
        const { fleet } = await client.call('engine.state', undefined);
        const service = fleet?.services.find((one) => one.id === id)?.id;
        if (!service) {
          const known = fleet?.services.map((one) => one.id).join(', ') ?? 'no fleet';
          throw new FlotillaError('SERVICE_UNKNOWN', { service: id, known });
        }
        const { stdin, stdout } = process;
        const size = () => ({ cols: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
        const { terminalId } = await client.call('terminal.open', { service, ...size() });
        const write = (data: Buffer): void =>
          void client.call('terminal.write', { terminalId, data: data.toString('utf8') });
        const resize = (): void => void client.call('terminal.resize', { terminalId, ...size() });
        stdin.setRawMode?.(true);
        stdin.on('data', write);
        stdin.on('end', () => void client.call('terminal.write', { terminalId, data: '\u0004' }));
        stdout.on('resize', resize);
        try {
          process.exitCode = await new Promise<number>((resolve, reject) => {
            client.subscribe(
              'terminal.output',
              { terminalId, credits: CREDITS },
              {
                onData({ data, exitCode }) {
                  stdout.write(data);
                  if (data.length > 0)
                    void client.call('terminal.credit', { terminalId, credits: data.length }).catch(() => {});
                  if (exitCode !== null) resolve(exitCode);
                },
                onError: reject,
                onEnd: () => resolve(0),
              },
            );
          });
        } finally {
          stdin.setRawMode?.(false);
          stdin.off('data', write).pause();
          stdout.off('resize', resize);
        }
      }),
    );
}
