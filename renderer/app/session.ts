import { FlotillaError } from '../../main/contract/index.ts';

const TRIES = 6;
const PAUSE_MS = 150;

/** What an address's fragment has to sign in with, as an Authorization header: `#token=...` or `#ticket=...`; null without. */
export function credentialOf(hash: string): string | null {
  const fragment = new URLSearchParams(hash.replace(/^#/, ''));
  const token = fragment.get('token');
  const ticket = fragment.get('ticket');
  if (token !== null) return `Bearer ${token}`;
  return ticket === null ? null : `Ticket ${ticket}`;
}

/**
 * Exchanges the token or ticket that came in the address for the session's cookie, which no script can read, and takes it out
 * of the address so that it gets into no history, bookmark or screenshot.
 */
export async function openSession(): Promise<void> {
  const authorization = credentialOf(location.hash);
  if (authorization === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  const answer = await askTillAnswered(authorization);
  if (!answer.ok) throw new FlotillaError('UNAUTHORIZED');
}

/**
 * Chrome breaks off what is under way when a network comes or goes, as a fleet's does in the moment in which it is opened;
 * without a session the page would stay shut for good. A ticket that was spent by then is refused, as it has to be.
 */
async function askTillAnswered(authorization: string): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await fetch('/api/session', { method: 'POST', headers: { authorization } });
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tries));
    }
  }
}
