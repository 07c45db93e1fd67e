import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest folder above this code that holds `protos`, whether it runs from dist/, dist/shared/ or lib/. */
function fleetFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'protos'))) {
    const parent = dirname(folder);
    if (parent === folder) return process.cwd();
    folder = parent;
  }
  return folder;
}

/** The path of a file of sample-fleet/protos. */
export function protoPath(file: string): string {
  return join(fleetFolder(), 'protos', file);
}
