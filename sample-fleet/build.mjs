/**
 * Bundles the sample fleet: sample-fleet/dist/<service>.cjs and sample-fleet/dist/telemetry.cjs. CommonJS, because that is
 * what the OpenTelemetry instrumentations patch: they watch `require`. npm packages stay outside the bundles for the same
 * reason.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = dirname(fileURLToPath(import.meta.url));

/** What a module imports by name and not by path stays a `require`. */
const isPackage = (id) => /^[@a-z]/i.test(id) && !/^[a-z]:[\\/]/i.test(id);

/** Builds every service that has a src/main.ts; takes about half a second. */
export async function buildFleet() {
  const services = readdirSync(join(root, 'services')).filter((name) => existsSync(mainOf(name)));
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node20',
      outDir: 'dist',
      sourcemap: true,
      minify: false,
      rolldownOptions: {
        input: {
          telemetry: join(root, 'lib/telemetry.ts'),
          ...Object.fromEntries(services.map((name) => [name, mainOf(name)])),
        },
        external: (id) => builtinModules.includes(id) || isPackage(id),
        output: {
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: 'shared/[name].cjs',
        },
      },
    },
  });
}

function mainOf(service) {
  return join(root, 'services', service, 'src/main.ts');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await buildFleet();
