import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceSpec } from '../../../fleet/index.ts';

type EmbeddedName = 'postgres' | 'redis' | 'kafka';

const IMAGES: Readonly<Record<string, EmbeddedName>> = {
  postgres: 'postgres',
  redis: 'redis',
  'valkey/valkey': 'redis',
  'apache/kafka': 'kafka',
  'apache/kafka-native': 'kafka',
  'confluentinc/cp-kafka': 'kafka',
  'confluentinc/confluent-local': 'kafka',
};

/** The program of this package that stands in for an image when there are no containers; null: there is none. */
export function embeddedProgramFor(image: string | null): EmbeddedName | null {
  if (image === null) return null;
  const name = repositoryOf(image);
  return Object.hasOwn(IMAGES, name) ? (IMAGES[name] ?? null) : null;
}

/** `docker.io/library/postgres:18-alpine@sha256:…` is `postgres`: without registry, tag and digest. */
function repositoryOf(image: string): string {
  const [name = ''] = image.split('@');
  const parts = name.split('/');
  const first = parts[0] ?? '';
  // By Docker's rule the first part is a registry when it has a dot or a port, or is localhost.
  const hasRegistry = parts.length > 1 && (/[.:]/.test(first) || first === 'localhost');
  const repository = (hasRegistry ? parts.slice(1) : parts).join('/').replace(/:[^/:]*$/, '');
  return repository.replace(/^library\//, '').toLowerCase();
}

/** Where the program's file is, built; null when it was not built. */
export function embeddedProgramFile(name: EmbeddedName): string | null {
  const root = packageRoot();
  const file = root === null ? null : join(root, 'dist', 'embedded', `${name}.js`);
  return file !== null && existsSync(file) ? file : null;
}

/** The folder of Flotilla's package.json, from source and from `dist` alike. */
export function packageRoot(): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
  return folder;
}

const INITDB = '/docker-entrypoint-initdb.d';

/** What an embedded program is told beside the service's own variables. */
export function embeddedVariables(spec: ServiceSpec, dataDir: string): Record<string, string> {
  const scripts = spec.mounts.find((mount) => mount.kind === 'bind' && mount.target.replace(/\/$/, '') === INITDB);
  return { DATA_DIR: dataDir, ...(scripts?.source ? { INITDB_DIR: scripts.source } : {}) };
}
