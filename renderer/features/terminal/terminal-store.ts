import type { Client } from '../../../main/client/index.ts';
import type { ServiceId } from '../../../main/contract/index.ts';
import { type SessionState, TerminalSession } from './terminal-session.ts';

/** One open terminal, for a list of them. */
export interface OpenTerminal {
  readonly session: TerminalSession;
  readonly state: SessionState;
}

let open: readonly OpenTerminal[] = [];
const listeners = new Set<() => void>();

function tell(): void {
  open = open.map(({ session }) => ({ session, state: session.state }));
  for (const listener of listeners) listener();
}

/** The terminals of this page, one for a service; they outlive the view that shows them. */
export const terminals = {
  get: (): readonly OpenTerminal[] => open,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** The terminal of a service, made when there is none yet. */
  ensure(client: Client, service: ServiceId): TerminalSession {
    const known = open.find((one) => one.session.service === service);
    if (known) return known.session;
    const session = new TerminalSession(client, service, tell);
    open = [...open, { session, state: session.state }];
    tell();
    return session;
  },
  close(session: TerminalSession): void {
    open = open.filter((one) => one.session !== session);
    session.close();
    tell();
  },
  restyle(): void {
    for (const { session } of open) session.restyle();
  },
};
