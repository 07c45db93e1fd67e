import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FlotillaError } from '../../contract/index.ts';
import { packageRoot } from '../runtimes/index.ts';

/** The built links program of this package. @throws FlotillaError LINKS_FAILED when it was not built */
export function linksProgramFile(): string {
  const root = packageRoot();
  const file = root === null ? null : join(root, 'dist', 'links', 'main.js');
  if (file !== null && existsSync(file)) return file;
  throw new FlotillaError('LINKS_FAILED', { detail: 'it is not built: npm run build' });
}
