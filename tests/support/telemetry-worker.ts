import { mkdir, rename } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../..');
const outDir = join(root, 'node_modules/.cache/flotilla');
const built = new Map<string, Promise<string>>();

const isPackage = (id: string): boolean =>
  isBuiltin(id) || (!id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:\\/.test(id));

/**
 * The telemetry worker made from its sources, for tests that start it without a built engine; gives the file. It lies where
 * Node finds the project's packages.
 */
export function buildTelemetryWorker(): Promise<string> {
  return bundleForNode('main/engine/telemetry/worker.ts', 'telemetry-worker');
}

/** A program of the project's, by its path from the root, as one file that Node runs; once per test process. */
export function bundleForNode(entry: string, name: string): Promise<string> {
  const file = built.get(name) ?? bundle(join(root, entry), name);
  built.set(name, file);
  return file;
}

async function bundle(source: string, name: string): Promise<string> {
  await mkdir(outDir, { recursive: true });
  const ownName = `${name}-${process.pid}.js`;
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
      rolldownOptions: { external: isPackage, output: { entryFileNames: ownName, codeSplitting: false } },
    },
  });
  // Test processes build at the same time: each finds a whole file under the common name.
  const file = join(outDir, `${name}.js`);
  await rename(join(outDir, ownName), file);
  return file;
}
