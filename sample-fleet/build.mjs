/**
 * Bundles the sample fleet into sample-fleet/dist, with all that it needs to run: <service>.cjs, telemetry.cjs and the npm
 * packages that stay apart. A folder that is whole can be copied into an image, or shipped, without npm at either end.
 *
 * Bundles, because one file loads in half the time of a thousand, and eleven services start at once. CommonJS, because that
 * is what the OpenTelemetry instrumentations patch: they watch `require`. What is built from the same sources is the same,
 * byte for byte, so that images are built again only when there is something new.
 */
import { cpSync, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = dirname(fileURLToPath(import.meta.url));

/** What the instrumentations patch as it is required: not bundled but copied to dist/node_modules. */
const watched = ['pg', 'ioredis', 'kafkajs', '@grpc/grpc-js'];

/** What watched packages ask for only where it is used, which nothing here does: debugging services of gRPC. */
const neverLoaded = ['@grpc/proto-loader'];

/** Builds every service that has a src/main.ts; takes about two seconds. */
export async function buildFleet() {
  const services = readdirSync(join(root, 'services')).filter((name) => existsSync(mainOf(name)));
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: 'dist',
      emptyOutDir: true,
      sourcemap: true,
      minify: false,
      rolldownOptions: {
        input: {
          telemetry: join(root, 'lib/telemetry.ts'),
          ...Object.fromEntries(services.map((name) => [name, mainOf(name)])),
        },
        external: (id) => watched.some((name) => id === name || id.startsWith(`${name}/`)),
        // Warnings about npm packages are for those who maintain them.
        checks: { eval: false },
        output: {
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: 'shared/[name].cjs',
        },
      },
    },
  });
  for (const [name, folder] of withDependencies(watched)) copyPackage(folder, join(root, 'dist/node_modules', name));
}

function mainOf(service) {
  return join(root, 'services', service, 'src/main.ts');
}

/** The folders of packages and of all that these need, by name. */
function withDependencies(names) {
  const folders = new Map();
  const add = (name, from) => {
    const folder = findPackage(name, from);
    const known = folders.get(name);
    if (known === folder || neverLoaded.includes(name)) return;
    if (known !== undefined) throw new Error(`two versions of ${name} are needed: ${known} and ${folder}`);
    folders.set(name, folder);
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(dependencies)) add(dependency, folder);
  };
  for (const name of names) add(name, root);
  return folders;
}

/** Where Node would find a package that a file in `from` requires. */
function findPackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
    if (dirname(folder) === folder) throw new Error(`${name} is not installed: run npm ci`);
  }
}

/** What runs, and its licence; neither types nor sources nor packages inside. */
function copyPackage(folder, target) {
  const runs = (path) => /\.(c?js|json|node)$/.test(path) || /^licen[cs]e/i.test(basename(path));
  const filter = (path) => basename(path) !== 'node_modules' && (lstatSync(path).isDirectory() || runs(path));
  cpSync(folder, target, { recursive: true, filter, dereference: true });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await buildFleet();
