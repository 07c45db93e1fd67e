// What is built from what. Each target is built when a source of it is newer than its stamp; the stamp is written last,
// so that a build that was broken off is done again.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const at = (...parts) => join(root, ...parts);

/** Packages stay outside of what Node runs: they are installed beside it, and some carry native code. */
const isPackage = (id) => isBuiltin(id) || (!id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:\\/.test(id));

export async function buildNode({
  entries,
  outDir,
  format = 'es',
  target = 'node20',
  external = isPackage,
  extension = 'js',
  empty = true,
}) {
  const { build } = await import('vite');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target,
      outDir: at(outDir),
      emptyOutDir: empty,
      sourcemap: true,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, at(file)])),
        external,
        output: { format, entryFileNames: `[name].${extension}`, chunkFileNames: `chunks/[name]-[hash].${extension}` },
      },
    },
  });
}

/**
 * Electron's own Node may be as old as 16; all but Electron is bundled, as a package has no node_modules. Shell and
 * preload are built apart: a sandboxed preload can require no file beside it, so it must not share a chunk.
 */
async function buildShell() {
  const common = { outDir: 'dist/shell', format: 'cjs', target: 'node16', extension: 'cjs' };
  const external = (id) => id === 'electron' || isBuiltin(id);
  rmSync(at(common.outDir), { recursive: true, force: true });
  await buildNode({ ...common, external, entries: { main: 'main/shell/main.ts' }, empty: false });
  await buildNode({ ...common, external, entries: { preload: 'preload/preload.ts' }, empty: false });
  const manifest = { name: 'flotilla', productName: 'Flotilla', version: packageVersion(), main: 'main.cjs' };
  writeFileSync(at(common.outDir, 'package.json'), JSON.stringify(manifest));
}

/** One file that a container can be given as it is. CommonJS: Node's loader of modules takes 2 MB more. */
async function buildLinks() {
  const outDir = 'dist/links';
  await buildNode({ outDir, format: 'cjs', entries: { main: 'main/engine/links/program/main.ts' } });
  writeFileSync(at(outDir, 'package.json'), JSON.stringify({ type: 'commonjs' }));
}

const packageVersion = () => JSON.parse(readFileSync(at('package.json'), 'utf8')).version;

async function buildRenderer() {
  const { build } = await import('vite');
  await build({ root: at('renderer'), configFile: at('renderer/vite.config.ts'), logLevel: 'warn' });
}

async function buildSampleFleet() {
  const { buildFleet } = await import('../../sample-fleet/build.mjs');
  await buildFleet();
}

const embedded = ['kafka', 'redis', 'postgres'];

const targets = [
  {
    name: 'engine',
    sources: ['main/contract', 'main/engine'],
    out: 'dist/engine',
    build: () =>
      buildNode({
        outDir: 'dist/engine',
        entries: {
          main: 'main/engine/main.ts',
          'telemetry-worker': 'main/engine/telemetry/worker.ts',
          'list-runtimes': 'main/engine/list-runtimes.ts',
        },
      }),
  },
  {
    name: 'embedded middleware',
    sources: ['main/engine/runtimes/process/embedded', 'main/engine/kafka-protocol', 'main/contract'],
    out: 'dist/embedded',
    build: () =>
      buildNode({
        outDir: 'dist/embedded',
        entries: Object.fromEntries(
          embedded.map((name) => [name, `main/engine/runtimes/process/embedded/${name}/main.ts`]),
        ),
      }),
  },
  {
    name: 'links',
    sources: ['main/engine/links/program'],
    out: 'dist/links',
    build: buildLinks,
  },
  {
    name: 'command line',
    sources: ['main/contract', 'main/client', 'main/cli'],
    out: 'dist/cli',
    build: () => buildNode({ outDir: 'dist/cli', entries: { main: 'main/cli/main.ts' } }),
  },
  {
    name: 'desktop shell',
    sources: ['main/contract', 'main/shell', 'preload'],
    out: 'dist/shell',
    build: buildShell,
  },
  {
    name: 'console',
    sources: ['renderer', 'main/contract', 'main/client'],
    out: 'dist/renderer',
    build: buildRenderer,
  },
  {
    name: 'sample fleet',
    sources: ['sample-fleet/lib', 'sample-fleet/services', 'sample-fleet/build.mjs'],
    out: 'sample-fleet/dist',
    build: buildSampleFleet,
  },
];

const tooling = ['package-lock.json', 'scripts/lib/targets.mjs'];

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  let latest = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules' || /\.test\.tsx?$/.test(entry.name)) continue;
    latest = Math.max(latest, newest(join(path, entry.name)));
  }
  return latest;
}

const stampOf = (target) => at('dist/.stamps', `${target.name.replaceAll(' ', '-')}.json`);

function isFresh(target) {
  const stamp = stampOf(target);
  if (!existsSync(stamp) || !existsSync(at(target.out))) return false;
  const built = JSON.parse(readFileSync(stamp, 'utf8')).startedMs;
  return [...target.sources, ...tooling].every((source) => newest(at(source)) < built);
}

/**
 * Builds every target that is older than its sources.
 *
 * @param {{ force?: boolean, only?: string[], report?: (line: string) => void }} [options] `report` is told what is
 *   built; by default it goes to stderr, so that what a command prints on stdout stays alone there.
 */
export async function ensureBuilt({ force = false, only, report = (line) => console.error(line) } = {}) {
  const stale = targets.filter((target) => (!only || only.includes(target.name)) && (force || !isFresh(target)));
  if (stale.length === 0) return;
  const began = Date.now();
  report(`Building ${stale.map((target) => target.name).join(', ')} …`);
  mkdirSync(at('dist/.stamps'), { recursive: true });
  for (const target of stale) {
    const startedMs = Date.now();
    rmSync(stampOf(target), { force: true });
    await target.build();
    writeFileSync(stampOf(target), JSON.stringify({ startedMs }));
  }
  report(`Built in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
}
