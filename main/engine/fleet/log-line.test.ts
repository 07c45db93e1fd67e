import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceId } from '../../contract/index.ts';
import { logRecords } from './log-line.ts';

const instance = { service: ServiceId.parse('orders'), index: 2 };
const READ_AT = Date.parse('2026-11-22T14:00:00Z');
const records = (...lines: string[]) => logRecords({ instance, stream: 'stdout', lines, timeMs: READ_AT });
const only = (line: string) => records(line)[0];

describe('structured lines', () => {
  it('takes level, message, time and trace, and keeps the rest as attributes', () => {
    const line = {
      level: 'warn',
      msg: 'slow',
      time: '2026-11-22T13:04:11.208Z',
      trace_id: 'ABCDEF0123456789abcdef0123456789',
      span_id: '0123456789abcdef',
      order: { id: 7 },
    };
    expect(only(JSON.stringify(line))).toEqual({
      timeMs: Date.parse('2026-11-22T13:04:11.208Z'),
      service: 'orders',
      instance: 'orders-2',
      level: 'warn',
      message: 'slow',
      traceId: 'abcdef0123456789abcdef0123456789',
      spanId: '0123456789abcdef',
      attributes: { order: { id: 7 } },
      source: 'stdout',
    });
  });

  it.each([
    [10, 'trace'],
    [20, 'debug'],
    [30, 'info'],
    [35, 'info'],
    [40, 'warn'],
    [50, 'error'],
    [60, 'fatal'],
    ['30', 'info'],
    ['WARNING', 'warn'],
    ['Error', 'error'],
    ['critical', 'fatal'],
    ['whatever', 'info'],
    ['constructor', 'info'],
    ['__proto__', 'info'],
  ])('level %s is %s', (level, expected) => {
    expect(only(JSON.stringify({ level, message: 'x' }))?.level).toBe(expected);
  });

  it.each([
    [1_700_000_000_123, 1_700_000_000_123],
    [1_700_000_000, 1_700_000_000_000],
    ['2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:00Z')],
    [1_700_000_000_123_456, 1_700_000_000_123.456],
    [1.7e18, 1_700_000_000_000],
    ['yesterday', READ_AT],
    [null, READ_AT],
    // How long it took.
    [12.5, READ_AT],
    ['took 3', READ_AT],
    [-1, READ_AT],
    // No clock has shown that.
    [4e15, READ_AT],
    ['2099-01-01T00:00:00Z', READ_AT],
  ])('time %s is %i', (time, expected) => {
    expect(only(JSON.stringify({ level: 'info', body: 'x', time }))?.timeMs).toBe(expected);
  });

  it('leaves out ids that are none', () => {
    const line = JSON.stringify({ level: 'info', msg: 'x', trace_id: 'nope', span_id: 4 });
    expect(only(line)).toMatchObject({ traceId: null, spanId: null });
    const none = JSON.stringify({ level: 'info', msg: 'x', trace_id: '0'.repeat(32), span_id: '0'.repeat(16) });
    expect(only(none)).toMatchObject({ traceId: null, spanId: null });
  });

  it.each([
    '{"level":"info"}',
    '{"msg":"x"}',
    '{"level":"info","msg":4}',
    '{broken}',
    '[1]',
    '{"level":null,"msg":"x"}',
  ])('takes %s as plain text', (line) => {
    expect(only(line)).toMatchObject({ message: line, level: 'info', attributes: {} });
  });
});

describe('plain lines', () => {
  it.each([
    ['ERROR could not', 'error'],
    ['[WARN] careful', 'warn'],
    ['warning: deprecated', 'warn'],
    ['fatal: no', 'fatal'],
    ['the error of my ways', 'info'],
    ['errors: 0', 'info'],
  ])('%s is %s', (line, level) => {
    expect(only(line)?.level).toBe(level);
  });

  it('loses its colours, carriage returns and empty lines', () => {
    const lines = records('\u001b[1;31mERROR\u001b[0m red \u001b]8;;http://x\u0007link\u001b]8;;\u0007\r', '', '  \r');
    expect(lines.map((one) => [one.message, one.level])).toEqual([['ERROR red link', 'error']]);
  });

  it('joins the lines of a stack trace to what they belong to', () => {
    const lines = ['Error: boom', '    at f (a.js:1:2)', 'Caused by: other', '\t... 3 more', 'next'];
    expect(records(...lines).map((one) => one.message)).toEqual([lines.slice(0, 4).join('\n'), 'next']);
  });

  it('keeps lines apart whose levels are filled up from the left', () => {
    const lines = [' INFO [main] up', ' WARN [main] slow', '    INFO: of Python', '    at f (INFO.java:3)'];
    expect(records(...lines).map((one) => one.message)).toEqual([...lines.slice(0, 2), lines.slice(2).join('\n')]);
  });

  it('takes an exception that nobody caught for an error', () => {
    const lines = ['Traceback (most recent call last):', '  File "a.py", line 1, in <module>', 'KeyError: 1'];
    expect(records(...lines)).toMatchObject([{ level: 'error', message: lines.join('\n') }]);
  });

  it('is not held up by any line after a panic', () => {
    const lines = ['panic: oh', 'main.(*T).f(0x1, 0x2)', '('.repeat(60_000), 'done'];
    const startedMs = performance.now();
    expect(records(...lines)).toHaveLength(3);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  it('cuts a line that is too long and says so', () => {
    const message = only('x'.repeat(100_000))?.message ?? '';
    expect(message).toHaveLength(65_536 + ' … (cut here: a line keeps 65,536 characters)'.length);
    expect(message.endsWith('(cut here: a line keeps 65,536 characters)')).toBe(true);
  });

  it('never throws and never makes more records than lines', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (lines) => records(...lines).length <= lines.length),
    );
  });
});
