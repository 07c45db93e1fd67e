import { mkdir, rename } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../..');

/** A program made from its TypeScript sources, for tests that start it with Node; gives the file, which finds the packages. */
export async function bundle(source: string, name: string): Promise<string> {
  const outDir = join(root, 'node_modules/.cache/flotilla');
  const entry = `${name}-${process.pid}`;
  await mkdir(outDir, { recursive: true });
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: source,
      target: 'node20',
      outDir,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        external: (id) => isBuiltin(id) || (!id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:\\/.test(id)),
        output: { entryFileNames: `${entry}.js`, codeSplitting: false },
      },
    },
  });
  const file = join(outDir, `${name}.mjs`);
  await rename(join(outDir, `${entry}.js`), file);
  return file;
}
