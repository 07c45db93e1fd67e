/** A log line of PostgreSQL as one record: its details and statement belong to it, though PostgreSQL writes them apart. */
export interface PostgresLog {
  readonly time: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly msg: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The prefix that `parse` expects: epoch seconds, pid, and for sessions user and database. */
export const LOG_LINE_PREFIX = '%n [%p] %q%u@%d ';

const LINE = /^(\d+\.\d+) \[(\d+)\] (?:(\S*)@(\S*) )?([A-Z]+\d?): {2}(.*)$/;
const LEVELS: Readonly<Record<string, PostgresLog['level']>> = {
  LOG: 'info',
  INFO: 'info',
  NOTICE: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  FATAL: 'fatal',
  PANIC: 'fatal',
};
const LONGEST = 16_384;

interface Draft {
  time: string;
  level: PostgresLog['level'];
  pid: string;
  parts: Map<string, string>;
  /** What a line that goes on belongs to. */
  open: string;
}

/** Turns the lines that a postmaster writes into records. A record is whole when the next begins, or on `flush`. */
export class LogLines {
  readonly #emit: (record: PostgresLog) => void;
  #draft: Draft | null = null;

  constructor(emit: (record: PostgresLog) => void) {
    this.#emit = emit;
  }

  push(line: string): void {
    const match = LINE.exec(line);
    if (!match) {
      this.#continue(line);
      return;
    }
    const [, seconds = '0', pid = '', user, database, severity = '', text = ''] = match;
    const level = LEVELS[severity] ?? (severity.startsWith('DEBUG') ? 'debug' : null);
    if (level === null && this.#draft?.pid === pid) {
      this.#draft.open = severity.toLowerCase();
      this.#append(text);
      return;
    }
    this.flush();
    const parts = new Map([['msg', text]]);
    parts.set('pid', pid);
    if (user) parts.set('db.user', user);
    if (database) parts.set('db.namespace', database);
    this.#draft = {
      time: new Date(Number(seconds) * 1000).toISOString(),
      level: level ?? 'info',
      pid,
      parts,
      open: 'msg',
    };
  }

  flush(): void {
    const draft = this.#draft;
    this.#draft = null;
    if (draft === null) return;
    const { msg = '', ...attributes } = Object.fromEntries(draft.parts);
    this.#emit({ time: draft.time, level: draft.level, msg, attributes });
  }

  #continue(line: string): void {
    if (this.#draft && line.startsWith('\t')) this.#append(`\n${line.slice(1)}`);
    else if (line.trim() !== '') {
      this.flush();
      this.#emit({ time: new Date().toISOString(), level: 'info', msg: line.slice(0, LONGEST), attributes: {} });
    }
  }

  #append(text: string): void {
    if (this.#draft === null) return;
    const { parts, open } = this.#draft;
    parts.set(open, `${parts.get(open) ?? ''}${text}`.slice(0, LONGEST));
  }
}
