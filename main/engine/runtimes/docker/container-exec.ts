import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type Dockerode from 'dockerode';
import { FlotillaError } from '../../../contract/index.ts';
import type { ExecCommand, ExecResult, TerminalProcess, TerminalSize } from '../runtime.ts';
import { engineError, engineWords, statusOf } from './docker-errors.ts';
import { ExecMark } from './exec-mark.ts';

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
  const mark = new ExecMark();
  const asked = { Cmd: words, Env: [mark.assignment], AttachStdout: true, AttachStderr: true };
  const abortSignal = AbortSignal.timeout(command.timeoutMs);
  try {
    const exec = await docker.getContainer(containerId).exec({ ...asked, abortSignal });
    const stream = await exec.start({ abortSignal });
    const output = await readOutput(docker, stream, mostCharacters);
    // A stream that is given up may seem to have ended.
    if (!abortSignal.aborted) {
      const { ExitCode } = await exec.inspect();
      return { exitCode: ExitCode ?? null, output: output.trim() };
    }
  } catch (error) {
    if (!abortSignal.aborted) return { exitCode: null, output: engineWords(error) };
  }
  void mark.signal(docker, containerId, 'KILL');
  return { exitCode: null, output: late };
}

/** What it writes until it ends. */
function readOutput(docker: Dockerode, stream: NodeJS.ReadWriteStream, mostCharacters: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let output = '';
    const both = new PassThrough();
    both.on('data', (chunk: Buffer) => {
      if (output.length < mostCharacters) output = (output + decoder.write(chunk)).slice(0, mostCharacters);
    });
    docker.modem.demuxStream(stream, both, both);
    stream.once('error', reject);
    const finish = (): void => resolve(output);
    stream.once('end', finish).once('close', finish);
  });
}

const FIND_SHELL = 'command -v bash || command -v ash || echo /bin/sh';
const FIND_PATIENCE_MS = 5000;

/**
 * A shell in the container on a pseudo-terminal: bash where there is one, else sh.
 * @throws FlotillaError RUNTIME_CANNOT where its image has no shell or it is paused, CONTAINER_REFUSED, RUNTIME_UNAVAILABLE
 */
export async function openContainerShell(
  docker: Dockerode,
  container: { readonly id: string; readonly service: string; readonly image: string },
  size: TerminalSize,
  command?: readonly string[],
): Promise<TerminalProcess> {
  const words = command ?? [await findShell(docker, container)];
  const mark = new ExecMark();
  try {
    const exec = await docker.getContainer(container.id).exec({
      Cmd: [...words],
      Env: ['TERM=xterm-256color', mark.assignment],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
    await exec.resize({ h: size.rows, w: size.cols }).catch(() => undefined);
    return new ContainerTerminal(exec, stream, () => mark.signal(docker, container.id, 'HUP'));
  } catch (error) {
    const words = engineWords(error);
    if (statusOf(error) === 409 && isPausedWords(words)) throw cannotOpen(words, RESUME_FIRST);
    throw engineError(error, `a terminal in ${container.service}`);
  }
}

const RESUME_FIRST = 'Resume it first.';
const isPausedWords = (words: string): boolean => /is paused/i.test(words);

function cannotOpen(detail: string, remedy: string): FlotillaError {
  return new FlotillaError('RUNTIME_CANNOT', { runtime: 'docker', action: 'open a terminal', detail, remedy });
}

async function findShell(
  docker: Dockerode,
  { id, service, image }: { readonly id: string; readonly service: string; readonly image: string },
): Promise<string> {
  const found = await execIn(docker, id, { words: [FIND_SHELL], shell: true, timeoutMs: FIND_PATIENCE_MS });
  const path = found.output.split('\n')[0]?.trim() ?? '';
  if (found.exitCode === 0 && path.startsWith('/')) return path;
  if (isPausedWords(found.output)) throw cannotOpen(found.output, RESUME_FIRST);
  const none = found.exitCode === 126 || found.exitCode === 127 || /not found|no such file/i.test(found.output);
  const detail = none ? `the image ${image} of ${service} has no shell` : found.output || 'its shell does not answer';
  const remedy = 'Look at its files and logs instead, or use an image that has /bin/sh.';
  throw cannotOpen(detail, remedy);
}

type HijackedStream = NodeJS.ReadWriteStream & { destroy(): void; readonly destroyed: boolean };

class ContainerTerminal implements TerminalProcess {
  readonly #exec: Dockerode.Exec;
  readonly #stream: HijackedStream;
  readonly #decoder = new StringDecoder('utf8');
  #onExit: (exitCode: number) => void = () => undefined;
  readonly #hangUp: () => Promise<void>;
  #isEnding = false;
  #exitCode: number | null = null;
  #resized: Promise<unknown> = Promise.resolve();
  #watch: NodeJS.Timeout | null = null;

  constructor(exec: Dockerode.Exec, stream: NodeJS.ReadWriteStream, hangUp: () => Promise<void>) {
    this.#exec = exec;
    this.#hangUp = hangUp;
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
    setTimeout(() => void this.#letGo(), WATCH_MS).unref();
  }

  /** What does not end by that, such as an editor, is hung up on, as the end of a terminal does it. */
  async #letGo(): Promise<void> {
    this.#stream.destroy();
    const { Running } = await this.#exec.inspect().catch(() => ({ Running: false }));
    if (Running) await this.#hangUp();
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
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#stopWatching();
    const { ExitCode } = await this.#exec.inspect().catch(() => ({ ExitCode: null }));
    this.#exitCode = ExitCode ?? 0;
    this.#onExit(this.#exitCode);
  }
}
