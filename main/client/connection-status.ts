/** How the connection to the engine is, for a banner. */
export interface StatusView {
  readonly state: 'connecting' | 'open' | 'reconnecting' | 'closed';
  /** When it came into this state, epoch ms. */
  readonly sinceMs: number;
  /** Attempts to reconnect since it was last open. */
  readonly attempt: number;
  /** Why the last attempt failed; null while open. */
  readonly error: string | null;
}

interface SocketState {
  readonly state: 'idle' | 'connecting' | 'pending';
  readonly error: Error | null;
}

interface ObservableState {
  subscribe(observer: { next(state: SocketState): void }): { unsubscribe(): void };
}

/** Turns the WebSocket's own states into what a person needs to know: since when, how often tried, and why. */
export class ConnectionStatus {
  #view: StatusView = { state: 'connecting', sinceMs: Date.now(), attempt: 0, error: null };
  #wasOpen = false;
  readonly #listeners = new Set<(view: StatusView) => void>();
  readonly #unsubscribe: () => void;

  constructor(states: ObservableState) {
    const subscription = states.subscribe({ next: (state) => this.#take(state) });
    this.#unsubscribe = () => subscription.unsubscribe();
  }

  get view(): StatusView {
    return this.#view;
  }

  onChange(listener: (view: StatusView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#unsubscribe();
    this.#set({ state: 'closed', sinceMs: Date.now(), attempt: 0, error: null });
  }

  #take(next: SocketState): void {
    if (next.state === 'idle') return;
    if (next.state === 'pending') {
      this.#wasOpen = true;
      this.#set({ state: 'open', sinceMs: Date.now(), attempt: 0, error: null });
      return;
    }
    const state = this.#wasOpen ? 'reconnecting' : 'connecting';
    const same = this.#view.state === state;
    this.#set({
      state,
      sinceMs: same ? this.#view.sinceMs : Date.now(),
      attempt: next.error || same ? this.#view.attempt + 1 : 0,
      error: next.error?.message ?? this.#view.error,
    });
  }

  #set(view: StatusView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener(view);
  }
}
