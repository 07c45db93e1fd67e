import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServiceId } from '../../contract/index.ts';
import { LogLines } from './log-lines.ts';

const instance = { service: ServiceId.parse('orders'), index: 1 };

describe('LogLines', () => {
  let told: string[] = [];
  const lines = (): LogLines => new LogLines((records) => void told.push(...records.map((one) => one.message)));
  const chunk = (...text: string[]) => ({ instance, stream: 'stdout' as const, lines: text, timeMs: 1 });

  beforeEach(() => {
    told = [];
    vi.useFakeTimers();
  });
  afterEach(() => void vi.useRealTimers());

  it('joins a stack trace that was read in pieces', () => {
    const read = lines();
    void read.take(chunk('Error: boom'));
    void read.take(chunk('    at f (a.js:1:2)', '    at g (a.js:2:2)'));
    void read.take(chunk('next'));
    vi.advanceTimersByTime(200);
    expect(told).toEqual(['Error: boom\n    at f (a.js:1:2)\n    at g (a.js:2:2)', 'next']);
  });

  it("joins Python's traceback with its last line, and one that follows from it", () => {
    const trace = [
      'Traceback (most recent call last):',
      '  File "a.py", line 1, in <module>',
      'KeyError: 1',
      'During handling of the above exception, another exception occurred:',
      'Traceback (most recent call last):',
      '  File "a.py", line 3, in <module>',
      'ValueError: no',
    ];
    const read = lines();
    void read.take(chunk(...trace.slice(0, 2)));
    void read.take(chunk(...trace.slice(2), 'INFO going on'));
    read.close();
    expect(told).toEqual([trace.join('\n'), 'INFO going on']);
  });

  it("joins Go's panic with its goroutines", () => {
    const trace = ['panic: oh', 'goroutine 1 [running]:', 'main.f(0x1)', '\t/src/main.go:7 +0x1', 'exit status 2'];
    const read = lines();
    void read.take(chunk(...trace, 'listening (again)'));
    read.close();
    expect(told).toEqual([trace.join('\n'), 'listening (again)']);
  });

  it('holds a text for a moment only, and nothing beyond the end of its instance', () => {
    const read = lines();
    void read.take(chunk('one'));
    expect(told).toEqual([]);
    vi.advanceTimersByTime(150);
    expect(told).toEqual(['one']);
    void read.take(chunk('two'));
    read.end(instance);
    expect(told).toEqual(['one', 'two']);
  });

  it('does not hold structured lines', () => {
    void lines().take(chunk('{"level":"info","msg":"x"}'));
    expect(told).toEqual(['x']);
  });

  it('says that lines are kept only when those are that were held', async () => {
    const keep: (() => void)[] = [];
    const read = new LogLines(() => new Promise<void>((resolve) => keep.push(resolve)));
    const kept: string[] = [];
    void read.take(chunk('first')).then(() => kept.push('first'));
    void read.take(chunk('second')).then(() => kept.push('second'));
    await vi.advanceTimersByTimeAsync(200);
    expect([keep.length, kept]).toEqual([2, []]);
    keep[0]?.();
    await vi.advanceTimersByTimeAsync(1);
    expect(kept).toEqual(['first']);
    keep[1]?.();
    await vi.advanceTimersByTimeAsync(1);
    expect(kept).toEqual(['first', 'second']);
  });
});
