import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Terminal } from '@xterm/xterm';
import type { Client } from '../../../main/client/index.ts';
import { type ErrorView, type ServiceId, toErrorView } from '../../../main/contract/index.ts';
import { SendQueue } from './send-queue.ts';
import { terminalLook } from './terminal-theme.ts';

/** Characters that the engine may be ahead of what is on the screen. */
const CREDITS = 128 * 1024;
const SCROLLBACK = 5000;
const KEPT = 'flotilla.terminal.';

export type SessionState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open' }
  | { readonly kind: 'ended'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly error: ErrorView };

/**
 * A shell in the environment of a service, with its screen. It lives on while another view is shown; a page that is loaded
 * again finds its shell by the id that the browser's tab keeps.
 */
export class TerminalSession {
  readonly service: ServiceId;
  readonly terminal: Terminal;
  readonly search = new SearchAddon();
  readonly #fit = new FitAddon();
  /** The element that the screen is drawn in; moved to where it is to be seen. */
  readonly #host = document.createElement('div');
  readonly #client: Client;
  readonly #onChange: () => void;
  #queue: SendQueue | null = null;
  #terminalId: string | null = null;
  /** What was typed while the shell was on its way. */
  #early = '';
  #stop: (() => void) | null = null;
  #state: SessionState = { kind: 'opening' };
  #disposed = false;

  constructor(client: Client, service: ServiceId, onChange: () => void) {
    this.#client = client;
    this.service = service;
    this.#onChange = onChange;
    this.terminal = new Terminal({
      ...terminalLook(),
      allowProposedApi: true,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      scrollback: SCROLLBACK,
      minimumContrastRatio: 4.5,
      // Puts the lines into the page's accessibility tree besides the canvas.
      screenReaderMode: true,
    });
    this.#host.className = 'terminal-host';
    this.terminal.loadAddon(this.#fit);
    this.terminal.loadAddon(this.search);
    this.terminal.onData((data) => {
      if (this.#queue) this.#queue.push(data);
      else if (this.#state.kind === 'opening') this.#early += data;
    });
    this.terminal.onResize(({ cols, rows }) => this.#tellSize(cols, rows));
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Puts the screen into an element of the page; the first time it is made there, and the shell opened. */
  attach(parent: HTMLElement): void {
    parent.replaceChildren(this.#host);
    if (!this.terminal.element) {
      this.terminal.open(this.#host);
      void this.#drawByGpu();
      this.fit();
      this.#begin();
    }
    this.fit();
    this.terminal.focus();
  }

  /** As many columns and rows as there is room for. */
  fit(): void {
    if (this.#host.isConnected && this.#host.clientWidth > 0) this.#fit.fit();
  }

  restyle(): void {
    Object.assign(this.terminal.options, terminalLook());
    this.fit();
  }

  /** Another shell, below what the last one left on the screen. */
  again(): void {
    this.#forget();
    this.terminal.write('\r\n');
    void this.#open();
    this.terminal.focus();
  }

  /** Ends the shell with its screen. */
  close(): void {
    this.#disposed = true;
    if (this.#terminalId !== null)
      void this.#client.call('terminal.close', { terminalId: this.#terminalId }).catch(() => {});
    this.#forget();
    this.#host.remove();
    this.terminal.dispose();
  }

  /** Draws on the GPU where there is one; without, xterm draws with elements. */
  async #drawByGpu(): Promise<void> {
    try {
      const { WebglAddon } = await import('@xterm/addon-webgl');
      if (this.#disposed) return;
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => webgl.dispose());
      this.terminal.loadAddon(webgl);
    } catch {
      // Drawn with elements: slower, and the same to look at.
    }
  }

  #begin(): void {
    const kept = sessionStorage.getItem(KEPT + this.service);
    if (kept === null) void this.#open();
    else this.#follow(kept, true);
  }

  async #open(): Promise<void> {
    this.#set({ kind: 'opening' });
    try {
      const { cols, rows } = this.terminal;
      const { terminalId } = await this.#client.call('terminal.open', { service: this.service, cols, rows });
      if (this.#disposed) void this.#client.call('terminal.close', { terminalId }).catch(() => {});
      else this.#follow(terminalId, false);
    } catch (error) {
      if (!this.#disposed) this.#set({ kind: 'failed', error: toErrorView(error) });
    }
  }

  /** `isKept`: the shell is of this tab before it was loaded again, and may be gone. */
  #follow(terminalId: string, isKept: boolean): void {
    this.#terminalId = terminalId;
    sessionStorage.setItem(KEPT + this.service, terminalId);
    this.#queue = new SendQueue(
      (data) => this.#client.call('terminal.write', { terminalId, data }),
      (error) => this.#sayInside(`Not written: ${toErrorView(error).message}`),
    );
    this.#queue.push(this.#early);
    this.#early = '';
    if (isKept) {
      this.#sayInside('This is the shell from before the page was loaded again. What stood here is not kept.');
      // A shell writes its line again when the size changes.
      this.#tellSize(this.terminal.cols, Math.max(2, this.terminal.rows - 1));
      this.#tellSize(this.terminal.cols, this.terminal.rows);
    }
    this.#set({ kind: 'open' });
    let owed = 0;
    this.#stop = this.#client.subscribe(
      'terminal.output',
      { terminalId, credits: CREDITS },
      {
        onData: ({ data, exitCode }) => {
          if (exitCode !== null) {
            this.#forget();
            this.#set({ kind: 'ended', exitCode });
            return;
          }
          this.terminal.write(data, () => {
            owed += data.length;
            if (owed < CREDITS / 4 || this.#terminalId !== terminalId) return;
            const credits = owed;
            owed = 0;
            void this.#client.call('terminal.credit', { terminalId, credits }).catch(() => {});
          });
        },
        onError: (error) => {
          this.#forget();
          if (isKept && error.code === 'TERMINAL_UNKNOWN') {
            this.terminal.reset();
            void this.#open();
          } else this.#set({ kind: 'failed', error: toErrorView(error) });
        },
      },
    );
  }

  #tellSize(cols: number, rows: number): void {
    const terminalId = this.#terminalId;
    if (terminalId !== null) void this.#client.call('terminal.resize', { terminalId, cols, rows }).catch(() => {});
  }

  #sayInside(text: string): void {
    this.terminal.write(`\r\n\x1b[2m[${text}]\x1b[0m\r\n`);
  }

  #forget(): void {
    this.#early = '';
    this.#stop?.();
    this.#stop = null;
    this.#queue?.close();
    this.#queue = null;
    this.#terminalId = null;
    sessionStorage.removeItem(KEPT + this.service);
  }

  #set(state: SessionState): void {
    this.#state = state;
    this.#onChange();
  }
}

/** Whether the browser's tab had a shell in this service before the page was loaded again. */
export function isKept(service: string): boolean {
  return sessionStorage.getItem(KEPT + service) !== null;
}

/** Whether a shell is one that the engine no longer knows. */
export function isGone(error: ErrorView): boolean {
  return error.code === 'TERMINAL_UNKNOWN';
}
