/**
 * What the desktop shell offers the page, as `window.flotilla`; in a browser there is none. Each name is an IPC channel
 * of its own, and this map is all there is.
 */
export interface ShellCalls {
  /** Lets the person choose a fleet file; null when they thought better of it. */
  'fleet-file.choose': () => Promise<string | null>;
  /** Starts the engine anew when it is gone. */
  'engine.restart': () => Promise<void>;
}

export interface ShellBridge {
  readonly platform: string;
  call<N extends keyof ShellCalls>(name: N): ReturnType<ShellCalls[N]>;
}

export const shellCallNames = ['fleet-file.choose', 'engine.restart'] as const satisfies readonly (keyof ShellCalls)[];
