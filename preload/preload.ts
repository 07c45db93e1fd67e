import { contextBridge, ipcRenderer } from 'electron';
import { type ShellBridge, shellCallNames } from '../main/contract/shell.ts';

const known: ReadonlySet<string> = new Set(shellCallNames);

const bridge: ShellBridge = {
  platform: process.platform,
  call: (name) =>
    (known.has(name) ? ipcRenderer.invoke(name) : Promise.reject(new Error(`no such call: ${name}`))) as never,
};

contextBridge.exposeInMainWorld('flotilla', bridge);
