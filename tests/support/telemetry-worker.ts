import { mkdir, rename } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../..');
const source = join(root, 'main/engine/telemetry/worker.ts');
let built: Promise<string> | null = null;

/**
 * The telemetry worker made from its sources, for tests that start it without a built engine; gives the file. It lies where
 * Node finds the project's packages.
 */
export function buildTelemetryWorker(): Promise<string> {
  built ??= bundle();
  return built;
}

async function bundle(): Promise<string> {
  const outDir = join(root, 'node_modules/.cache/flotilla');
  const name = `telemetry-worker-${process.pid}`;
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
        output: { entryFileNames: `${name}.js`, codeSplitting: false },
      },
    },
  });
  // Test processes build at the same time: each finds a whole file under the common name.
  const file = join(outDir, 'telemetry-worker.js');
  await rename(join(outDir, `${name}.js`), file);
  return file;
}
