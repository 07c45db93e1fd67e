import { FlotillaError } from '../../main/contract/index.ts';

/** The token in an address's fragment, `#token=...`; null without one. */
export function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token');
}

/**
 * Exchanges the token that came in the address for the session's cookie, which no script can read, and takes the token out
 * of the address so that it gets into no history, bookmark or screenshot.
 */
export async function openSession(): Promise<void> {
  const token = tokenOf(location.hash);
  if (token === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  const answer = await fetch('/api/session', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new FlotillaError('UNAUTHORIZED');
}
