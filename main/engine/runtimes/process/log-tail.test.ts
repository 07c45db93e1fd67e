import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';
import { LogTail } from './log-tail.ts';

describe('LineSplitter', () => {
  it('makes the same lines whatever the pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''))),
        fc.integer({ min: 1, max: 7 }),
        (lines, size) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const splitter = new LineSplitter();
          const made: string[] = [];
          for (let at = 0; at < bytes.length; at += size) made.push(...splitter.push(bytes.subarray(at, at + size)));
          expect(made).toEqual(lines);
          expect(splitter.pendingBytes).toBe(0);
        },
      ),
    );
  });

  it('keeps of a line no more than it may, and counts all of it', () => {
    const splitter = new LineSplitter(4);
    splitter.push(Buffer.from('abc'));
    splitter.push(Buffer.from('defgh'));
    expect(splitter.pendingBytes).toBe(8);
    expect(splitter.push(Buffer.from('\nxy'))).toEqual(['abcd']);
    expect(splitter.flush()).toEqual(['xy']);
    expect(splitter.flush()).toEqual([]);
  });
});

describe('LogTail', () => {
  let folder: string;
  let file: string;
  let lines: string[];
  const tails: LogTail[] = [];
  const open = (truncateAt?: number): LogTail => {
    const tail = new LogTail(file, (more) => void lines.push(...more), truncateAt);
    tails.push(tail);
    return tail;
  };
  const readAll = (tail: LogTail): void => {
    while (tail.read());
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-tail-'));
    file = join(folder, 'a.log');
    writeFileSync(file, '');
    lines = [];
  });
  afterEach(() => {
    for (const tail of tails.splice(0)) tail.close();
    rmSync(folder, { recursive: true });
  });

  it('gives whole lines only, until its writer has ended', async () => {
    const tail = open();
    appendFileSync(file, 'one\ntw');
    readAll(tail);
    expect(lines).toEqual(['one']);
    appendFileSync(file, 'o\nthree');
    readAll(tail);
    expect(lines).toEqual(['one', 'two']);
    await tail.drain();
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('goes on where another stopped, half a line included', () => {
    appendFileSync(file, 'one\ntw');
    readAll(open());
    appendFileSync(file, 'o\n');
    readAll(open());
    expect(lines).toEqual(['one', 'two']);
  });

  it('empties a large file that was read, and goes on with what is appended', () => {
    const tail = open(1000);
    appendFileSync(file, `${'x'.repeat(1200)}\n`);
    readAll(tail);
    expect([lines.length, statSync(file).size]).toEqual([1, 0]);
    appendFileSync(file, 'after\n');
    readAll(tail);
    readAll(open(1000));
    expect(lines.slice(1)).toEqual(['after']);
  });

  it('does not empty a file whose last line has not ended', () => {
    appendFileSync(file, `${'x'.repeat(1200)}`);
    readAll(open(1000));
    expect(statSync(file).size).toBe(1200);
  });

  it('begins anew when the service emptied its file', () => {
    const tail = open();
    appendFileSync(file, 'a long line before\n');
    readAll(tail);
    truncateSync(file, 0);
    appendFileSync(file, 'after\n');
    readAll(tail);
    expect(lines).toEqual(['a long line before', 'after']);
  });

  it('touches no file any more once it is closed, also while it reads the rest', async () => {
    const tail = open();
    appendFileSync(file, `${'x'.repeat(1000)}\n`.repeat(1000));
    const drained = tail.drain();
    tail.close();
    await expect(drained).resolves.toBeUndefined();
    expect(tail.read()).toBe(false);
  });

  describe('with lines that are kept some time after they were handed over', () => {
    let keep: (() => void)[];
    const later = (truncateAt?: number): LogTail => {
      const deliver = (more: string[]): Promise<void> => {
        lines.push(...more);
        return new Promise((resolve) => keep.push(resolve));
      };
      const tail = new LogTail(file, deliver, truncateAt);
      tails.push(tail);
      return tail;
    };
    /** Two deliveries, of a line each. */
    const readTwo = (tail: LogTail): void => {
      for (const line of ['one\n', 'two\n']) {
        appendFileSync(file, line);
        readAll(tail);
      }
    };
    const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    beforeEach(() => {
      keep = [];
    });

    it('has another read again what was not kept, and only that', async () => {
      readTwo(later());
      keep[0]?.();
      await nextTurn();
      lines = [];
      readAll(open());
      expect(lines).toEqual(['two']);
    });

    it('does not pass over a gap', async () => {
      readTwo(later());
      keep[1]?.();
      await nextTurn();
      lines = [];
      readAll(open());
      expect(lines).toEqual(['one', 'two']);
    });

    it('empties the file only when all is kept', async () => {
      const tail = later(1000);
      appendFileSync(file, `${'x'.repeat(1200)}\n`);
      readAll(tail);
      expect(statSync(file).size).toBe(1201);
      keep[0]?.();
      await nextTurn();
      readAll(tail);
      expect(statSync(file).size).toBe(0);
      readTwo(tail);
      expect(lines.slice(1)).toEqual(['one', 'two']);
    });

    it('leaves lines in the file while too much is not kept', async () => {
      const tail = later();
      writeFileSync(file, Buffer.alloc(20 * 1024 * 1024, 'a line of some length\n'));
      readAll(tail);
      const before = lines.length;
      expect(before * 22).toBeLessThan(9 * 1024 * 1024);
      for (const one of keep) one();
      await nextTurn();
      readAll(tail);
      expect(lines.length).toBeGreaterThan(before);
    });

    it('forgets about lines of a file that the service emptied', async () => {
      const tail = later();
      readTwo(tail);
      truncateSync(file, 0);
      appendFileSync(file, 'new\n');
      readAll(tail);
      for (const one of keep.slice(0, 2)) one();
      await nextTurn();
      lines = [];
      readAll(open());
      expect(lines).toEqual(['new']);
    });
  });

  it('passes over a flood and says so', () => {
    writeFileSync(file, Buffer.alloc(65 * 1024 * 1024, 'flood\n'));
    const tail = open();
    readAll(tail);
    expect(lines).toEqual(['WARN 65 MB of log were passed over: they came faster than they could be read']);
    expect(statSync(file).size).toBe(0);
    appendFileSync(file, 'after\n');
    readAll(tail);
    expect(lines.at(-1)).toBe('after');
  });
});
