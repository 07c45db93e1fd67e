import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import dockerignore from '@balena/dockerignore';
import { type Pack, pack } from 'tar-stream';

type TarHeader = Parameters<Pack['entry']>[0];

/** A file, folder or link that a build is given. */
interface ContextEntry {
  /** From the context's folder, with `/`. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly size: number;
  readonly mode: number;
  readonly modifiedAt: Date;
  /** Where a link leads to. */
  readonly target: string | null;
}

/** What a build is given: the folder's files but for those that .dockerignore leaves out, and the Dockerfile. */
export interface BuildContext {
  readonly folder: string;
  readonly entries: readonly ContextEntry[];
  /** The Dockerfile's text, and its name in what is sent. */
  readonly dockerfile: { readonly name: string; readonly text: string };
  /** For a Dockerfile that no image may have: the .dockerignore by which the engine puts it aside once it was read. */
  readonly hiding: string | null;
}

/** The name of a Dockerfile that is not a file of the context. */
const GIVEN_DOCKERFILE = '.flotilla.Dockerfile';
const DOCKERIGNORE = '.dockerignore';
const LARGEST_DOCKERFILE = 1024 * 1024;

export interface ContextSource {
  readonly folder: string;
  /** From the folder, or absolute; null: `Dockerfile`. */
  readonly dockerfile: string | null;
  /** The Dockerfile's text, which counts instead of a file. */
  readonly dockerfileText: string | null;
}

/** @throws NodeJS.ErrnoException ENOENT with `path` when the folder or the Dockerfile is not there, and the like */
export async function readContext(source: ContextSource): Promise<BuildContext> {
  const { folder } = source;
  const file = isAbsolute(source.dockerfile ?? '')
    ? (source.dockerfile ?? '')
    : join(folder, source.dockerfile ?? 'Dockerfile');
  const found = await lstat(`${folder}/`);
  if (!found.isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR', path: folder });
  const text = source.dockerfileText ?? (await readText(file));
  const path = relative(folder, file).replaceAll('\\', '/');
  const inFolder = source.dockerfileText === null && !path.startsWith('../') && !isAbsolute(path);
  const name = inFolder ? path : GIVEN_DOCKERFILE;
  const ignored = await ignoredBy(folder, file);
  const isHidden = !inFolder || ignored.is(name);
  const listing = await listed(folder, ignored);
  return {
    folder,
    entries: isHidden ? listing.filter((entry) => entry.path !== DOCKERIGNORE) : listing,
    dockerfile: { name, text },
    hiding: isHidden ? `${ignored.text}\n${DOCKERIGNORE}\n${name}\n` : null,
  };
}

async function readText(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  if (text.length > LARGEST_DOCKERFILE) throw new Error(`${file} is larger than 1 MB`);
  return text;
}

interface Ignored {
  readonly text: string;
  is(path: string): boolean;
  /** Something in a folder that is left out may be taken in again. */
  readonly hasExceptions: boolean;
}

/** `Dockerfile.dockerignore` beside the Dockerfile, else `.dockerignore` in the folder. */
async function ignoredBy(folder: string, dockerfile: string): Promise<Ignored> {
  const none = (): null => null;
  const own = await readFile(`${dockerfile}.dockerignore`, 'utf8').catch(none);
  const text = own ?? (await readFile(join(folder, DOCKERIGNORE), 'utf8').catch(none)) ?? '';
  const patterns = dockerignore({ ignorecase: false }).add(text);
  return { text, is: (path) => patterns.ignores(path), hasExceptions: /^\s*!/m.test(text) };
}

/** In an order of its own, the same on every machine. */
async function listed(folder: string, ignored: Ignored): Promise<ContextEntry[]> {
  const entries: ContextEntry[] = [];
  const visit = async (inside: string): Promise<void> => {
    const names = await readdir(join(folder, inside));
    for (const name of names.toSorted()) {
      const path = inside === '' ? name : `${inside}/${name}`;
      const leftOut = ignored.is(path);
      const entry = await entryOf(folder, path);
      if (entry === null) continue;
      if (leftOut && !(entry.type === 'directory' && ignored.hasExceptions)) continue;
      if (!leftOut) entries.push(entry);
      if (entry.type === 'directory') await visit(path);
    }
  };
  await visit('');
  return entries;
}

/** Null for what no image can have: sockets and the like. */
async function entryOf(folder: string, path: string): Promise<ContextEntry | null> {
  const stat = await lstat(join(folder, path));
  const common = { path, mode: stat.mode & 0o7777, modifiedAt: stat.mtime, target: null };
  if (stat.isFile()) return { ...common, type: 'file', size: stat.size };
  if (stat.isDirectory()) return { ...common, type: 'directory', size: 0 };
  if (!stat.isSymbolicLink()) return null;
  return { ...common, type: 'symlink', size: 0, target: await readlink(join(folder, path)) };
}

/** What the context holds, as SHA-256: the same as long as no build of it can come out otherwise. */
export async function contextHash(context: BuildContext): Promise<string> {
  const hash = createHash('sha256');
  hash.update(`${context.dockerfile.name}\0${context.dockerfile.text}\0`);
  for (const entry of context.entries) {
    hash.update(`${entry.type}\0${entry.path}\0${entry.mode}\0${entry.size}\0${entry.target ?? ''}\0`);
    if (entry.type === 'file') await addFile(hash, join(context.folder, entry.path));
  }
  return hash.digest('hex');
}

const WHOLE_BYTES = 256 * 1024;

async function addFile(hash: Hash, file: string): Promise<void> {
  const { size } = await lstat(file);
  if (size <= WHOLE_BYTES) {
    hash.update(await readFile(file));
    return;
  }
  for await (const chunk of createReadStream(file, { highWaterMark: WHOLE_BYTES })) hash.update(chunk);
}

/** The context as a tar archive, read as it is sent. Everything belongs to root, as Docker's own programs send it. */
export function contextArchive(context: BuildContext): Readable {
  const archive = pack();
  void fill(archive, context).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(archive, { objectMode: false });
}

async function fill(archive: Pack, { folder, entries, dockerfile, hiding }: BuildContext): Promise<void> {
  for (const { path, type, size, mode, modifiedAt, target } of entries) {
    const header: TarHeader = { name: path, type, mode, mtime: modifiedAt, uid: 0, gid: 0 };
    if (type === 'file') await addContent(archive, { ...header, size }, join(folder, path));
    else await addEntry(archive, target === null ? header : { ...header, linkname: target });
  }
  if (hiding === null) return;
  await addEntry(archive, { name: DOCKERIGNORE, mode: 0o644 }, hiding);
  await addEntry(archive, { name: dockerfile.name, mode: 0o644 }, dockerfile.text);
}

function addEntry(archive: Pack, header: TarHeader, content = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });
}

/** As many bytes as the header says: a file that grows meanwhile is cut, one that shrinks fails. */
async function addContent(archive: Pack, header: TarHeader & { size: number }, file: string): Promise<void> {
  if (header.size === 0) return addEntry(archive, header);
  let sink: ReturnType<Pack['entry']> | undefined;
  const written = new Promise<void>((resolve, reject) => {
    sink = archive.entry(header, (error) => (error ? reject(error) : resolve()));
    // An error that its callback has been given is emitted besides, and would end the program.
    sink.on('error', reject);
  });
  if (sink === undefined) return written;
  const given = pour(createReadStream(file, { end: header.size - 1 }), sink);
  // Whichever fails first; the other fails because of it.
  await Promise.all([given, written]);
}

/** Ends when all is written or, so that no file stays open, when nobody wants it any more. */
async function pour(content: AsyncIterable<Buffer>, sink: ReturnType<Pack['entry']>): Promise<void> {
  const closed = once(sink, 'close');
  closed.catch(() => undefined);
  let isClosed = false;
  sink.once('close', () => {
    isClosed = true;
  });
  for await (const chunk of content) {
    if (!sink.write(chunk)) await Promise.race([once(sink, 'drain'), closed]);
    if (isClosed) throw new Error('it was given up');
  }
  sink.end(undefined);
}
