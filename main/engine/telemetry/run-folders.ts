import { readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeStore, storeFile } from './store/database.ts';

/** Runs whose telemetry is kept, the present one included. */
const keptRuns = 5;

/** Where the runs of a home lie. */
export function runFolder(home: string, runId: string): string {
  return join(home, 'runs', runId);
}

async function changedMs(file: string): Promise<number | null> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return null;
  }
}

/** Deletes the telemetry of the oldest runs but never that of `runId`; folders that are empty then go too. */
export async function forgetOldRuns(home: string, runId: string): Promise<void> {
  const names = await readdir(join(home, 'runs')).catch(() => [] as string[]);
  const past: { folder: string; changed: number }[] = [];
  for (const name of names) {
    const folder = runFolder(home, name);
    const changed = name === runId ? null : await changedMs(storeFile(folder));
    if (changed !== null) past.push({ folder, changed });
  }
  past.sort((a, b) => b.changed - a.changed);
  for (const { folder } of past.slice(keptRuns - 1)) {
    await removeStore(folder);
    await rmdir(folder).catch(() => undefined);
  }
}
