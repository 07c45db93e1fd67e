import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type Dockerode from 'dockerode';
import { FlotillaError } from '../../../contract/index.ts';
import type { ExecCommand, ExecResult, TerminalProcess, TerminalSize } from '../runtime.ts';
import { engineWords } from './docker-errors.ts';

const LONGEST = 4096;
const WATCH_MS = 100;

/** Runs a command in a container to its end, or to the end of its time. Never throws. */
export async function execIn(
  docker: Dockerode,
  containerId: string,
  command: ExecCommand,
  mostCharacters = LONGEST,
): Promise<ExecResult> {
  const words = command.shell ? ['/bin/sh', '-c', command.words.join(' ')] : [...command.words];
  const late = `no answer within ${command.timeoutMs} ms`;
  try {
    const exec = await docker.getContainer(containerId).exec({ Cmd: words, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    const output = await readOutput(docker, stream, command.timeoutMs, mostCharacters);
    if (output === null) return { exitCode: null, output: late };
    const { ExitCode } = await exec.inspect();
    return { exitCode: ExitCode ?? null, output: output.trim() };
  } catch (error) {
    return { exitCode: null, output: engineWords(error) };
  }
}

/** What it writes until it ends; null when that takes too long. */
function readOutput(
  docker: Dockerode,
  stream: NodeJS.ReadWriteStream,
  timeoutMs: number,
  mostCharacters: number,
): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let output = '';
    const both = new PassThrough();
    both.on('data', (chunk: Buffer) => {
      if (output.length < mostCharacters) output = (output + decoder.write(chunk)).slice(0, mostCharacters);
    });
    docker.modem.demuxStream(stream, both, both);
    const timer = setTimeout(() => {
      (stream as NodeJS.ReadWriteStream & { destroy(): void }).destroy();
      resolve(null);
    }, timeoutMs);
    const finish = (): void => {
      clearTimeout(timer);
      resolve(output);
    };
    stream.once('end', finish).once('close', finish);
    stream.once('error', (error: Error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

const FIND_SHELL = 'command -v bash || command -v ash || echo /bin/sh';
const FIND_PATIENCE_MS = 5000;

/**
 * A shell in the container on a pseudo-terminal: bash where there is one, else sh.
 * @throws FlotillaError RUNTIME_CANNOT where its image has no shell
 */
export async function openContainerShell(
  docker: Dockerode,
  container: { readonly id: string; readonly service: string; readonly image: string },
  size: TerminalSize,
  command?: readonly string[],
): Promise<TerminalProcess> {
  const words = command ?? [await findShell(docker, container)];
  const exec = await docker.getContainer(container.id).exec({
    Cmd: [...words],
    Env: ['TERM=xterm-256color'],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
  await exec.resize({ h: size.rows, w: size.cols }).catch(() => undefined);
  return new ContainerTerminal(exec, stream);
}

async function findShell(
  docker: Dockerode,
  { id, service, image }: { readonly id: string; readonly service: string; readonly image: string },
): Promise<string> {
  const found = await execIn(docker, id, { words: [FIND_SHELL], shell: true, timeoutMs: FIND_PATIENCE_MS });
  const path = found.output.split('\n')[0]?.trim() ?? '';
  if (found.exitCode === 0 && path.startsWith('/')) return path;
  const none = found.exitCode === 126 || found.exitCode === 127 || /not found|no such file/i.test(found.output);
  const detail = none ? `the image ${image} of ${service} has no shell` : found.output || 'its shell does not answer';
  const remedy = 'Look at its files and logs instead, or use an image that has /bin/sh.';
  throw new FlotillaError('RUNTIME_CANNOT', { runtime: 'docker', action: 'open a terminal', detail, remedy });
}

type HijackedStream = NodeJS.ReadWriteStream & { destroy(): void; readonly destroyed: boolean };

class ContainerTerminal implements TerminalProcess {
  readonly #exec: Dockerode.Exec;
  readonly #stream: HijackedStream;
  readonly #decoder = new StringDecoder('utf8');
  #onExit: (exitCode: number) => void = () => undefined;
  #exitCode: number | null = null;
  #resized: Promise<unknown> = Promise.resolve();
  #watch: NodeJS.Timeout | null = null;

  constructor(exec: Dockerode.Exec, stream: NodeJS.ReadWriteStream) {
    this.#exec = exec;
    this.#stream = stream as HijackedStream;
    this.#stream.once('end', () => void this.#end());
    this.#stream.once('close', () => void this.#end());
    this.#stream.on('error', () => void this.#end());
  }

  onData(listener: (data: string) => void): void {
    this.#stream.on('data', (chunk: Buffer) => listener(this.#decoder.write(chunk)));
  }

  onExit(listener: (exitCode: number) => void): void {
    this.#onExit = listener;
    if (this.#exitCode !== null) listener(this.#exitCode);
  }

  write(data: string): void {
    // Input goes another way than the size, and must not come before it.
    void this.#resized.then(() => {
      if (!this.#stream.destroyed) this.#stream.write(data);
    });
  }

  resize({ cols, rows }: TerminalSize): void {
    const resize = (): Promise<unknown> => this.#exec.resize({ h: rows, w: cols }).catch(() => undefined);
    this.#resized = this.#resized.then(resize);
  }

  pause(): void {
    this.#stream.pause();
    this.#stopWatching();
    // What it wrote last is read when it has ended, whether anybody wants it or not: nobody would learn of its end.
    this.#watch = setInterval(() => void this.#resumeWhenEnded(), WATCH_MS);
    this.#watch.unref();
  }

  resume(): void {
    this.#stopWatching();
    this.#stream.resume();
  }

  close(): void {
    this.#stopWatching();
    // Whatever runs in it is interrupted, and the shell told that nothing more comes: closing alone would leave it.
    if (!this.#stream.destroyed) this.#stream.write('\u0003\u0004exit\r');
    this.#stream.end();
    setTimeout(() => this.#stream.destroy(), WATCH_MS).unref();
  }

  async #resumeWhenEnded(): Promise<void> {
    const { Running } = await this.#exec.inspect().catch(() => ({ Running: true }));
    if (!Running) this.resume();
  }

  #stopWatching(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
  }

  async #end(): Promise<void> {
    if (this.#exitCode !== null) return;
    this.#exitCode = 0;
    this.#stopWatching();
    const { ExitCode } = await this.#exec.inspect().catch(() => ({ ExitCode: null }));
    this.#exitCode = ExitCode ?? 0;
    this.#onExit(this.#exitCode);
  }
}
