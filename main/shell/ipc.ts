import { type BrowserWindow, dialog, type IpcMainInvokeEvent, ipcMain } from 'electron';
import type { ShellCalls } from '../contract/shell.ts';

/** Answers the page's calls; those of any frame that is not the engine's own page are refused. */
export function answerPage(
  window: () => BrowserWindow | null,
  engineUrl: () => string,
  restart: () => Promise<void>,
): void {
  const isTrusted = (event: IpcMainInvokeEvent): boolean => {
    const frame = event.senderFrame;
    return frame !== null && frame.parent === null && new URL(frame.url).origin === new URL(engineUrl()).origin;
  };
  const handle = <N extends keyof ShellCalls>(name: N, answer: ShellCalls[N]): void => {
    ipcMain.handle(name, (event) => {
      if (!isTrusted(event)) throw new Error('refused: not the console');
      return answer();
    });
  };

  handle('fleet-file.choose', async () => {
    const owner = window();
    const options: Electron.OpenDialogOptions = {
      title: 'Choose a compose.yaml',
      properties: ['openFile'],
      filters: [{ name: 'Compose', extensions: ['yaml', 'yml'] }],
    };
    const chosen = owner ? await dialog.showOpenDialog(owner, options) : await dialog.showOpenDialog(options);
    return chosen.filePaths[0] ?? null;
  });
  handle('engine.restart', restart);
}
