import fs from 'node:fs';
import path from 'node:path';

/** How many segment files are kept open; the one used longest ago is closed first. */
const MAX_OPEN_FILES = 128;

/** The file behind one segment. */
export interface SegmentFile {
  /** Appends in full or throws and leaves the file as it was. The bytes are with the operating system afterwards. */
  append(bytes: Buffer): void;
  truncate(bytes: number): void;
  remove(): void;
  close(): void;
}

export interface StoredSegment {
  readonly baseOffset: number;
  readonly bytes: Buffer;
  readonly file: SegmentFile;
}

/**
 * The log's files below the data folder: `topics/<topic id>/<partition>/<base offset>.log`, raw batches back to back.
 * Nothing is synced to disk: what was acknowledged survives the end of the process, not that of the machine.
 */
export class LogStorage {
  private readonly root: string;
  private readonly open = new Map<string, { fd: number; bytes: number }>();

  constructor(dataDir: string) {
    this.root = path.join(dataDir, 'topics');
    fs.mkdirSync(this.root, { recursive: true });
  }

  private folderOf(topicId: string, partition: number): string {
    return path.join(this.root, topicId, String(partition));
  }

  createSegment(topicId: string, partition: number, baseOffset: number): SegmentFile {
    const folder = this.folderOf(topicId, partition);
    fs.mkdirSync(folder, { recursive: true });
    const name = path.join(folder, `${String(baseOffset).padStart(20, '0')}.log`);
    fs.writeFileSync(name, '');
    return this.fileAt(name);
  }

  /** The segments of a partition by ascending base offset. */
  loadSegments(topicId: string, partition: number): StoredSegment[] {
    const folder = this.folderOf(topicId, partition);
    if (!fs.existsSync(folder)) return [];
    const names = fs.readdirSync(folder).filter((name) => /^\d{20}\.log$/.test(name));
    return names.sort().map((name) => {
      const full = path.join(folder, name);
      return { baseOffset: Number(name.slice(0, 20)), bytes: fs.readFileSync(full), file: this.fileAt(full) };
    });
  }

  removeTopic(topicId: string): void {
    const prefix = path.join(this.root, topicId) + path.sep;
    for (const name of [...this.open.keys()]) if (name.startsWith(prefix)) this.closeFile(name);
    fs.rmSync(path.join(this.root, topicId), { recursive: true, force: true });
  }

  /** Removes the folders of topics that are not in `known`: a deletion that was cut short. */
  removeAllBut(known: ReadonlySet<string>): void {
    for (const topicId of fs.readdirSync(this.root)) if (!known.has(topicId)) this.removeTopic(topicId);
  }

  closeAll(): void {
    for (const name of [...this.open.keys()]) this.closeFile(name);
  }

  private fileAt(name: string): SegmentFile {
    return {
      append: (bytes) => this.appendTo(name, bytes),
      truncate: (bytes) => {
        this.closeFile(name);
        fs.truncateSync(name, bytes);
      },
      remove: () => {
        this.closeFile(name);
        fs.rmSync(name, { force: true });
      },
      close: () => this.closeFile(name),
    };
  }

  private appendTo(name: string, bytes: Buffer): void {
    const file = this.openFile(name);
    const before = file.bytes;
    try {
      for (let done = 0; done < bytes.length; )
        done += fs.writeSync(file.fd, bytes, done, bytes.length - done, before + done);
      file.bytes = before + bytes.length;
    } catch (error) {
      fs.ftruncateSync(file.fd, before);
      throw error;
    }
  }

  private openFile(name: string): { fd: number; bytes: number } {
    const known = this.open.get(name);
    if (known !== undefined) {
      this.open.delete(name);
      this.open.set(name, known);
      return known;
    }
    const fd = fs.openSync(name, 'r+');
    const opened = { fd, bytes: fs.fstatSync(fd).size };
    this.open.set(name, opened);
    if (this.open.size > MAX_OPEN_FILES) {
      const oldest = this.open.keys().next();
      if (!oldest.done) this.closeFile(oldest.value);
    }
    return opened;
  }

  private closeFile(name: string): void {
    const known = this.open.get(name);
    if (known === undefined) return;
    this.open.delete(name);
    fs.closeSync(known.fd);
  }
}
