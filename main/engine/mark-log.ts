import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TimelineMark } from '../contract/index.ts';

const KEPT = 2000;
/** Lines in the file before it is written anew with those that count. */
const LINES = 3 * KEPT;

/**
 * The timeline's marks on disk, a line of JSON each, so that an engine that goes on with a run knows what happened in it. The
 * first line names the run; marks of another are none of ours. Of two with one id the later counts.
 */
export class MarkLog {
  readonly #file: string;
  readonly #runId: string;
  readonly #marks: Map<string, TimelineMark>;
  #lines: number;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, runId: string, marks: readonly TimelineMark[]) {
    this.#file = file;
    this.#runId = runId;
    this.#marks = new Map(marks.map((mark) => [mark.id, mark]));
    this.#lines = LINES;
  }

  /** What cannot be read, or is of another run, is not there. */
  static async open(home: string, runId: string): Promise<MarkLog> {
    const file = join(home, 'marks.jsonl');
    const [head, ...lines] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
    return new MarkLog(file, runId, head === runId ? lines.flatMap(parseLine) : []);
  }

  /** Oldest first. */
  get marks(): TimelineMark[] {
    return [...this.#marks.values()].slice(-KEPT);
  }

  /** Notes a mark, one after another. What the disk does not take is written with a later one. */
  keep(mark: TimelineMark): void {
    this.#marks.delete(mark.id);
    this.#marks.set(mark.id, mark);
    if (this.#marks.size > KEPT) for (const id of [...this.#marks.keys()].slice(0, -KEPT)) this.#marks.delete(id);
    this.#writing = this.#writing
      .then(() => (this.#lines >= LINES ? this.#rewrite() : this.#append(mark)))
      .catch(() => {
        this.#lines = LINES;
      });
  }

  /** Resolves when all is written. */
  close(): Promise<void> {
    return this.#writing;
  }

  async #append(mark: TimelineMark): Promise<void> {
    this.#lines += 1;
    await appendFile(this.#file, `${JSON.stringify(mark)}\n`);
  }

  async #rewrite(): Promise<void> {
    const { marks } = this;
    const next = `${this.#file}.next`;
    const text = [this.#runId, ...marks.map((mark) => JSON.stringify(mark))].join('\n');
    await writeFile(next, `${text}\n`, { mode: 0o600 });
    await rename(next, this.#file);
    this.#lines = marks.length;
  }
}

function parseLine(line: string): TimelineMark[] {
  try {
    return [TimelineMark.parse(JSON.parse(line))];
  } catch {
    // An empty line, or one that was cut when the engine died.
    return [];
  }
}
