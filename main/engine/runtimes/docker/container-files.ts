import { posix } from 'node:path';
import type Dockerode from 'dockerode';
import { extract, type Header } from 'tar-stream';
import {
  type ContainerEntry,
  type ContainerFile,
  type ContainerFolder,
  FlotillaError,
} from '../../../contract/index.ts';
import { execIn } from './container-exec.ts';
import { engineError, engineWords, isMissing } from './docker-errors.ts';

const MOST_ENTRIES = 2000;
/** A folder comes with all that is below it: so much of it is read to find its own entries. */
const MOST_ARCHIVE = 128 * 1024 * 1024;
const MOST_LINKS = 8;
const PATIENCE_MS = 10_000;
const LONGEST_SIZE = 40;

type Readable = NodeJS.ReadableStream & { destroy(): void };

/** What the engine says of a path (the header X-Docker-Container-Path-Stat). Modes are Go's (io/fs, FileMode). */
interface PathStat {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

const GO_FOLDER = 2 ** 31;
const GO_LINK = 2 ** 27;

const isFolder = ({ mode }: PathStat): boolean => Math.floor(mode / GO_FOLDER) % 2 === 1;
const isLink = ({ mode }: PathStat): boolean => Math.floor(mode / GO_LINK) % 2 === 1;

/**
 * What is in a folder of a container, whether it runs or not.
 * @throws FlotillaError NOT_FOUND, RUNTIME_UNAVAILABLE, CONTAINER_REFUSED
 */
export async function listFolder(
  docker: Dockerode,
  container: { readonly id: string; readonly isRunning: boolean },
  path: string,
): Promise<ContainerFolder> {
  const { at, listing } = await findFolder(docker, container, path);
  const { entries, cut } = listing ?? (await listByArchive(docker, container.id, at));
  const order = (entry: ContainerEntry): number => (entry.kind === 'folder' ? 0 : 1);
  const sorted = entries.toSorted((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
  return { path: at, entries: sorted.slice(0, MOST_ENTRIES), cut: cut || sorted.length > MOST_ENTRIES };
}

/** Where a folder is, and what is in it where the container's own tools tell. */
async function findFolder(
  docker: Dockerode,
  { id, isRunning }: { readonly id: string; readonly isRunning: boolean },
  path: string,
) {
  const byShell = async (folder: string) => (isRunning ? listByShell(docker, id, folder) : null);
  try {
    const { path: at, stat } = await resolveLinks(docker, id, path);
    if (!isFolder(stat)) throw new FlotillaError('NOT_FOUND', { what: 'folder', name: path });
    return { at, listing: await byShell(at) };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const at = posix.normalize(path);
    const listing = await byShell(at);
    if (listing === null) throw error;
    return { at, listing };
  }
}

/**
 * The beginning of a file of a container, whether it runs or not.
 * @throws FlotillaError NOT_FOUND, RUNTIME_UNAVAILABLE, CONTAINER_REFUSED
 */
export async function readFile(docker: Dockerode, id: string, path: string, maxBytes: number): Promise<ContainerFile> {
  try {
    return await readByArchive(docker, id, path, maxBytes);
  } catch (error) {
    const read = isNotFound(error) ? await readByShell(docker, id, posix.normalize(path), maxBytes) : null;
    if (read === null) throw error;
    return read;
  }
}

async function readByArchive(docker: Dockerode, id: string, path: string, maxBytes: number): Promise<ContainerFile> {
  const at = await resolveLinks(docker, id, path);
  if (isFolder(at.stat)) throw new FlotillaError('NOT_FOUND', { what: 'file', name: path });
  const stream = await archive(docker, id, at.path);
  let bytes = Buffer.alloc(0);
  let sizeBytes = at.stat.size;
  await readArchive(stream, Number.POSITIVE_INFINITY, async (header, body) => {
    sizeBytes = header.size ?? sizeBytes;
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= maxBytes) break;
    }
    bytes = Buffer.concat(chunks).subarray(0, maxBytes);
    return false;
  });
  return fileOf(at.path, sizeBytes, bytes);
}

function fileOf(path: string, sizeBytes: number, bytes: Buffer): ContainerFile {
  const cut = sizeBytes > bytes.length;
  const text = textOf(bytes, cut);
  return text === null
    ? { path, sizeBytes, encoding: 'base64', content: bytes.toString('base64'), cut }
    : { path, sizeBytes, encoding: 'utf8', content: text, cut };
}

/** The size, and so many of the first bytes. */
const READ_SCRIPT = '[ -f "$1" ] && wc -c <"$1" && head -c "$2" "$1" | base64';

/** What lies on a tmpfs, or in /proc: engines do not hand it out. Null where the container does not run or has no tools for it. */
async function readByShell(
  docker: Dockerode,
  id: string,
  path: string,
  maxBytes: number,
): Promise<ContainerFile | null> {
  if (!path.startsWith('/')) return null;
  const words = ['/bin/sh', '-c', READ_SCRIPT, 'sh', path, String(maxBytes)];
  const command = { words, shell: false, timeoutMs: LIST_PATIENCE_MS };
  const { exitCode, output } = await execIn(docker, id, command, Math.ceil(maxBytes * 1.5) + LONGEST_SIZE);
  const [size = '', ...encoded] = output.split('\n');
  if (exitCode !== 0 || !/^\s*\d+\s*$/.test(size)) return null;
  const bytes = Buffer.from(encoded.join(''), 'base64');
  // A file of the kernel's says that it is empty.
  return fileOf(path, Math.max(Number(size), bytes.length), bytes);
}

/** Null for what is not UTF-8, or holds what text does not. A character that was cut at the end is left out. */
export function textOf(bytes: Buffer, cut: boolean): string | null {
  if (bytes.includes(0)) return null;
  for (let lost = 0; lost <= (cut ? 3 : 0); lost += 1) {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytes.length - lost));
    } catch {
      // Perhaps a character that is cut.
    }
  }
  return null;
}

const isNotFound = (error: unknown): boolean => error instanceof FlotillaError && error.code === 'NOT_FOUND';

async function resolveLinks(docker: Dockerode, id: string, path: string): Promise<{ path: string; stat: PathStat }> {
  let at = posix.normalize(path);
  for (let n = 0; n < MOST_LINKS; n += 1) {
    const stat = await statOf(docker, id, at);
    if (!isLink(stat) || stat.linkTarget === '') return { path: at, stat };
    at = posix.resolve(posix.dirname(at), stat.linkTarget);
  }
  throw new FlotillaError('NOT_FOUND', { what: 'file behind the links', name: path });
}

async function statOf(docker: Dockerode, id: string, path: string): Promise<PathStat> {
  try {
    const answer = (await docker.getContainer(id).infoArchive({ path })) as unknown as {
      headers: Record<string, string | undefined>;
    };
    const header = answer.headers['x-docker-container-path-stat'] ?? '';
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8')) as PathStat;
  } catch (error) {
    if (isMissing(error)) throw new FlotillaError('NOT_FOUND', { what: 'file or folder', name: path });
    throw engineError(error, `to look at ${path}`);
  }
}

async function archive(docker: Dockerode, id: string, path: string): Promise<Readable> {
  try {
    return (await docker.getContainer(id).getArchive({ path })) as Readable;
  } catch (error) {
    if (isMissing(error)) throw new FlotillaError('NOT_FOUND', { what: 'file or folder', name: path });
    throw engineError(error, `to read ${path} (${engineWords(error)})`);
  }
}

/** Goes through an archive until `entry` gives false, or so many bytes were read; true when that was all of it. */
async function readArchive(
  stream: Readable,
  mostBytes: number,
  entry: (header: Header, body: AsyncIterable<Buffer>) => Promise<boolean>,
): Promise<boolean> {
  const reader = extract();
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  stream.on('error', () => reader.destroy());
  stream.pipe(reader as unknown as NodeJS.WritableStream);
  const late = setTimeout(() => reader.destroy(), PATIENCE_MS);
  try {
    for await (const one of reader as unknown as AsyncIterable<
      AsyncIterable<Buffer> & { header: Header; resume(): void }
    >) {
      if (!(await entry(one.header, one)) || bytes > mostBytes) return false;
      one.resume();
    }
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(late);
    stream.destroy();
    reader.destroy();
  }
}

/** Of the archive of a folder, which names its entries `folder/name`, those right below it. */
async function listByArchive(docker: Dockerode, id: string, path: string) {
  const entries: ContainerEntry[] = [];
  const whole = await readArchive(await archive(docker, id, path), MOST_ARCHIVE, async (header) => {
    const parts = header.name.replace(/^\.\//, '').replace(/\/$/, '').split('/').filter(Boolean);
    const name = path === '/' ? parts[0] : parts[1];
    if (name !== undefined && parts.length === (path === '/' ? 1 : 2)) entries.push(entryOf(name, header));
    return entries.length <= MOST_ENTRIES;
  });
  return { entries, cut: !whole };
}

function entryOf(name: string, header: Header): ContainerEntry {
  const kinds: Readonly<Record<string, ContainerEntry['kind']>> = {
    file: 'file',
    directory: 'folder',
    symlink: 'link',
  };
  return {
    name,
    kind: kinds[header.type ?? 'file'] ?? 'other',
    sizeBytes: header.size ?? 0,
    mode: (header.mode ?? 0) & 0o7777,
    modifiedAt: header.mtime?.toISOString() ?? null,
    target: header.linkname ?? null,
  };
}

/** With the container's own tools (coreutils or busybox), which read no more than the folder. The path is never part of the script. */
const LIST_SCRIPT = `cd -- "$1" || exit 1
for f in .* *; do
  case "$f" in .|..) continue;; esac
  [ -e "$f" ] || [ -L "$f" ] || continue
  t=; [ -L "$f" ] && t=$(readlink -- "$f")
  printf '%s\\037%s\\037%s\\036' "$(stat -c '%f %s %Y' -- "$f")" "$f" "$t"
done`;
const LIST_PATIENCE_MS = 4000;

/** Null where the container has no tools for it. */
async function listByShell(docker: Dockerode, id: string, path: string) {
  const words = ['/bin/sh', '-c', LIST_SCRIPT, 'sh', path];
  const command = { words, shell: false, timeoutMs: LIST_PATIENCE_MS };
  const { exitCode, output } = await execIn(docker, id, command, 1024 * 1024);
  // What was cut has a name that is not whole.
  if (exitCode !== 0 || (output !== '' && !output.endsWith('\u001e'))) return null;
  const records = output.split('\u001e').filter((record) => record.trim() !== '');
  const entries = records.map(parseRecord);
  return entries.includes(null) ? null : { entries: entries.filter((one) => one !== null), cut: false };
}

const FILE_TYPE = 0o170000;
/** S_IFREG, S_IFDIR and S_IFLNK: inode(7). */
const KINDS: ReadonlyMap<number, ContainerEntry['kind']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'folder'],
  [0o120000, 'link'],
]);

/** `81a4 1024 1700000000`, the name and a link's target: stat(2)'s mode in hexadecimal, bytes, seconds. */
function parseRecord(record: string): ContainerEntry | null {
  const [facts = '', name = '', target = ''] = record.split('\u001f');
  const [mode, size, seconds] = facts.trim().split(' ');
  const bits = Number.parseInt(mode ?? '', 16);
  if (Number.isNaN(bits) || name === '') return null;
  return {
    name,
    kind: KINDS.get(bits & FILE_TYPE) ?? 'other',
    sizeBytes: Number(size),
    mode: bits & 0o7777,
    modifiedAt: new Date(Number(seconds) * 1000).toISOString(),
    target: target === '' ? null : target,
  };
}
