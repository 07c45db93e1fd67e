import { app, session, shell } from 'electron';

/** Copying to the clipboard is the one thing a page may do that asks for a permission. */
const ALLOWED_PERMISSIONS = new Set(['clipboard-sanitized-write']);

function isLocal(address: string): boolean {
  try {
    const { protocol, hostname } = new URL(address);
    return (protocol === 'http:' || protocol === 'https:') && (hostname === '127.0.0.1' || hostname === 'localhost');
  } catch {
    return false;
  }
}

/**
 * Keeps every page where it is: no navigation away from the engine, no new windows, no permissions. A link to a service
 * on this machine opens in the person's browser.
 */
export function guardContents(engineUrl: () => string): void {
  app.on('web-contents-created', (_event, contents) => {
    const stay = (event: Electron.Event, address: string): void => {
      if (new URL(address).origin !== new URL(engineUrl()).origin) event.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (isLocal(url)) void shell.openExternal(url);
      return { action: 'deny' };
    });
  });
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) => {
    answer(ALLOWED_PERMISSIONS.has(permission));
  });
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => ALLOWED_PERMISSIONS.has(permission));
}
