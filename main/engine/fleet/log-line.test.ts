import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceId } from '../../contract/index.ts';
import { logRecords } from './log-line.ts';

const instance = { service: ServiceId.parse('orders'), index: 2 };
const records = (...lines: string[]) => logRecords({ instance, stream: 'stdout', lines, timeMs: 5000 });
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
  ])('level %s is %s', (level, expected) => {
    expect(only(JSON.stringify({ level, message: 'x' }))?.level).toBe(expected);
  });

  it.each([
    [1_700_000_000_123, 1_700_000_000_123],
    [1_700_000_000, 1_700_000_000_000],
    ['2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:00Z')],
    ['yesterday', 5000],
    [null, 5000],
  ])('time %s is %i', (time, expected) => {
    expect(only(JSON.stringify({ level: 'info', body: 'x', time }))?.timeMs).toBe(expected);
  });

  it('leaves out ids that are none', () => {
    const line = JSON.stringify({ level: 'info', msg: 'x', trace_id: 'nope', span_id: 4 });
    expect(only(line)).toMatchObject({ traceId: null, spanId: null });
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
