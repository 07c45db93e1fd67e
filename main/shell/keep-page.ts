import { type BrowserWindow, dialog } from 'electron';
import { FlotillaError, toErrorView } from '../contract/errors.ts';

/** Chrome's net::ERR_ABORTED: another load took this one's place. */
const ABORTED = -3;
const TRIES = 3;

/**
 * Brings the page back when it cannot be loaded or its process has died: a window without a page shows nothing, not even why.
 * @param load begins to load the page anew, with an engine that answers; rejects when there is none
 * @param giveUp is called once the person was told that it does not work
 */
export function keepPage(window: BrowserWindow, load: () => Promise<void>, giveUp: () => void): void {
  const { webContents } = window;
  let failures = 0;
  const again = async (detail: string): Promise<void> => {
    failures += 1;
    if (window.isDestroyed()) return;
    try {
      if (failures > TRIES) throw new FlotillaError('CONSOLE_FAILED', { detail });
      await load();
    } catch (error) {
      const view = toErrorView(error);
      dialog.showErrorBox(view.message, view.remedy);
      giveUp();
    }
  };
  webContents.on('did-finish-load', () => {
    failures = 0;
  });
  webContents.on('did-fail-load', (_event, code, description, _url, isMainFrame) => {
    if (isMainFrame && code !== ABORTED) void again(description || `code ${code}`);
  });
  webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') void again(`its process is gone: ${reason}`);
  });
}
