import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { FlotillaError, type ServiceId } from '../../contract/index.ts';
import { withEngine } from '../context.ts';

const CREDITS = 256 * 1024;
/** Of what is typed or piped in, so much goes in one call. */
const MOST_AT_ONCE = 32_768;
const END_OF_INPUT = '\u0004';
const END_AGAIN_MS = 250;

async function findService(client: Client, id: string): Promise<ServiceId> {
  const { fleet } = await client.call('engine.state', undefined);
  const service = fleet?.services.find((one) => one.id === id)?.id;
  if (service) return service;
  const known = fleet?.services.map((one) => one.id).join(', ') ?? 'no fleet';
  throw new FlotillaError('SERVICE_UNKNOWN', { service: id, known });
}

/**
 * Passes this program's input on, in order. Where it ends, the terminal is told so as a person does, by Ctrl+D: again and again,
 * as a shell throws away what was typed before it was ready. Gives what ends this.
 */
function passInput(client: Client, terminalId: string): () => void {
  const { stdin } = process;
  let sent: Promise<unknown> = Promise.resolve();
  let ending: NodeJS.Timeout | undefined;
  const send = (data: string): void => {
    sent = sent.then(() => client.call('terminal.write', { terminalId, data })).catch(() => undefined);
  };
  const onData = (text: string): void => {
    for (let at = 0; at < text.length; at += MOST_AT_ONCE) send(text.slice(at, at + MOST_AT_ONCE));
  };
  const onEnd = (): void => {
    send(END_OF_INPUT);
    ending = setInterval(() => send(END_OF_INPUT), END_AGAIN_MS);
  };
  stdin.setEncoding('utf8').setRawMode?.(true);
  stdin.on('data', onData).on('end', onEnd);
  return () => {
    clearInterval(ending);
    stdin.setRawMode?.(false);
    stdin.off('data', onData).off('end', onEnd).pause();
  };
}

/** A terminal ends lines with CR LF; who reads this from a pipe or a file wants LF. */
export function plainLines(): (data: string) => string {
  let held = '';
  return (data) => {
    const text = held + data;
    held = text.endsWith('\r') ? '\r' : '';
    return text.slice(0, text.length - held.length).replaceAll('\r\n', '\n');
  };
}

/** Shows what the terminal writes; resolves with the exit code of what ran in it. */
function showOutput(client: Client, terminalId: string): Promise<number> {
  const { stdout } = process;
  const shown = stdout.isTTY ? (data: string): string => data : plainLines();
  return new Promise((resolve, reject) => {
    client.subscribe(
      'terminal.output',
      { terminalId, credits: CREDITS },
      {
        onData({ data, exitCode }) {
          stdout.write(shown(data));
          if (data.length > 0)
            void client.call('terminal.credit', { terminalId, credits: data.length }).catch(() => undefined);
          if (exitCode !== null) resolve(exitCode);
        },
        onError: reject,
        onEnd: () => resolve(0),
      },
    );
  });
}

/** A terminal of a service on this program's own; gives the exit code of what ran in it. */
async function runTerminal(client: Client, id: string, command: readonly string[]): Promise<number> {
  const { stdout } = process;
  const size = () => ({ cols: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  const service = await findService(client, id);
  const asked = command.length === 0 ? {} : { command: [...command] };
  const { terminalId } = await client.call('terminal.open', { service, ...size(), ...asked });
  const resize = (): void => void client.call('terminal.resize', { terminalId, ...size() }).catch(() => undefined);
  const endInput = passInput(client, terminalId);
  stdout.on('resize', resize);
  try {
    return await showOutput(client, terminalId);
  } finally {
    endInput();
    stdout.off('resize', resize);
    await client.call('terminal.close', { terminalId }).catch(() => undefined);
  }
}

export function addExec(program: Command): void {
  program
    .command('exec <service> [command...]')
    .description("a terminal in a service's folder and environment, or a command there: exec orders -- node --version")
    .action((id: string, command: string[]) =>
      withEngine(async (client) => {
        process.exitCode = await runTerminal(client, id, command);
      }),
    );
}
