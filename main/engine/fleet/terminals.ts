import { randomUUID } from 'node:crypto';
import { FlotillaError } from '../../contract/index.ts';
import type { TerminalProcess, TerminalSize } from '../runtimes/index.ts';

const MOST = 16;
/** Output that waits for credits; the shell blocks once there is more. */
const WAITING = 64 * 1024;
/** Without a reader for this long it is closed: its window is gone. */
const DESERTED_MS = 10 * 60_000;

interface Terminal {
  readonly process: TerminalProcess;
  waiting: string[];
  waitingLength: number;
  credits: number;
  paused: boolean;
  exitCode: number | null;
  /** Wakes the one who reads. */
  wake: () => void;
  /** Counts readers: a new one takes over from the one before it. */
  reader: number;
  desertion: NodeJS.Timeout | null;
}

export interface TerminalOutput {
  data: string;
  exitCode: number | null;
}

/** The open terminals. What a shell writes is handed out as far as its reader has credits; beyond that the shell waits. */
export class Terminals {
  readonly #open = new Map<string, Terminal>();
  /** Being started: they count, too. */
  #starting = 0;
  #isEnded = false;

  /** @throws FlotillaError RUNTIME_CANNOT when too many are open, FLEET_BUSY when the fleet ends meanwhile */
  async open(start: () => Promise<TerminalProcess>): Promise<string> {
    if (this.#open.size + this.#starting >= MOST) {
      const detail = `${MOST} are open`;
      throw new FlotillaError('RUNTIME_CANNOT', {
        runtime: 'engine',
        action: 'open a terminal',
        detail,
        remedy: 'Close one.',
      });
    }
    const id = randomUUID();
    this.#starting += 1;
    const process = await start().finally(() => {
      this.#starting -= 1;
    });
    if (this.#isEnded) {
      process.close();
      throw new FlotillaError('FLEET_BUSY', { state: 'stopping' });
    }
    const terminal: Terminal = {
      process,
      waiting: [],
      waitingLength: 0,
      credits: 0,
      paused: false,
      exitCode: null,
      wake: () => undefined,
      reader: 0,
      desertion: null,
    };
    this.#open.set(id, terminal);
    terminal.process.onData((data) => this.#take(terminal, data));
    terminal.process.onExit((exitCode) => {
      terminal.exitCode = exitCode;
      terminal.wake();
    });
    this.#watchDesertion(id, terminal);
    return id;
  }

  /** What it writes, from what was not read yet; ends with the exit code. One reader at a time: the newest. */
  async *output(id: string, credits: number, signal: AbortSignal): AsyncGenerator<TerminalOutput> {
    const terminal = this.#find(id);
    terminal.reader += 1;
    const me = terminal.reader;
    terminal.credits = credits;
    terminal.wake();
    if (terminal.desertion !== null) clearTimeout(terminal.desertion);
    const wake = (): void => terminal.wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted && terminal.reader === me) {
        const data = this.#give(terminal);
        if (data !== '') yield { data, exitCode: null };
        else if (terminal.exitCode !== null && terminal.waitingLength === 0) {
          this.#open.delete(id);
          yield { data: '', exitCode: terminal.exitCode };
          return;
        } else {
          await new Promise<void>((resolve) => {
            terminal.wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
      if (terminal.reader === me) this.#watchDesertion(id, terminal);
    }
  }

  credit(id: string, credits: number): void {
    const terminal = this.#find(id);
    terminal.credits += credits;
    terminal.wake();
  }

  write(id: string, data: string): void {
    this.#find(id).process.write(data);
  }

  resize(id: string, size: TerminalSize): void {
    this.#find(id).process.resize(size);
  }

  close(id: string): void {
    const terminal = this.#open.get(id);
    if (terminal === undefined) return;
    this.#open.delete(id);
    if (terminal.desertion !== null) clearTimeout(terminal.desertion);
    if (terminal.exitCode === null) terminal.process.close();
    terminal.exitCode ??= 0;
    terminal.waiting = [];
    terminal.waitingLength = 0;
    terminal.wake();
  }

  /** The fleet ends: what is still being started is closed as soon as it is there. */
  closeAll(): void {
    this.#isEnded = true;
    for (const id of [...this.#open.keys()]) this.close(id);
  }

  #find(id: string): Terminal {
    const terminal = this.#open.get(id);
    if (terminal === undefined) throw new FlotillaError('TERMINAL_UNKNOWN');
    return terminal;
  }

  #take(terminal: Terminal, data: string): void {
    terminal.waiting.push(data);
    terminal.waitingLength += data.length;
    if (!terminal.paused && terminal.waitingLength > WAITING) {
      terminal.paused = true;
      terminal.process.pause();
    }
    terminal.wake();
  }

  #give(terminal: Terminal): string {
    if (terminal.credits <= 0 || terminal.waitingLength === 0) return '';
    const all = terminal.waiting.join('');
    const data = all.slice(0, terminal.credits);
    const rest = all.slice(data.length);
    terminal.waiting = rest === '' ? [] : [rest];
    terminal.waitingLength = rest.length;
    terminal.credits -= data.length;
    if (terminal.paused && terminal.waitingLength < WAITING) {
      terminal.paused = false;
      if (terminal.exitCode === null) terminal.process.resume();
    }
    return data;
  }

  #watchDesertion(id: string, terminal: Terminal): void {
    terminal.desertion = setTimeout(() => this.close(id), DESERTED_MS);
    terminal.desertion.unref();
  }
}
