import type { ShellBridge } from '../../main/contract/index.ts';

declare global {
  interface Window {
    flotilla?: ShellBridge;
  }
}

/** What the desktop shell offers this page; null in a browser. */
export function shellBridge(): ShellBridge | null {
  return window.flotilla ?? null;
}
