import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalStamp,
  LineAssembler,
  MultiplexedReader,
  stampMs,
  stampSeconds,
  TerminalReader,
} from './log-frames.ts';

const STAMP = '2026-11-22T16:59:10.817488347Z';

/** A line as the engine keeps and sends it: in pieces of 16 KB, the last of which has the line's end. */
function pieces(text: string): string[] {
  const cut: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += 16_384) cut.push(text.slice(at, at + 16_384));
  return cut.map((piece, n) => `${STAMP} ${piece}${n === cut.length - 1 ? '\n' : ''}`);
}

function frame(stream: number, payload: string): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function read(reader: MultiplexedReader | TerminalReader, data: Buffer, step: number): [string, string][] {
  const lines = new LineAssembler();
  const found: [string, string][] = [];
  for (let at = 0; at < data.length; at += step) {
    for (const piece of reader.push(Buffer.from(data.subarray(at, at + step)))) {
      const line = lines.push(piece);
      if (line !== null) found.push([line.stream, line.text]);
    }
  }
  return found;
}

const texts = fc.array(
  fc.oneof(
    fc.stringMatching(/^[a-zé€ ]*$/),
    fc.integer({ min: 0, max: 40_000 }).map((n) => 'x'.repeat(n)),
  ),
  {
    maxLength: 6,
  },
);
const steps = fc.integer({ min: 500, max: 20_000 });

describe('what a container wrote', () => {
  it('is read from frames however they are cut', () => {
    fc.assert(
      fc.property(texts, steps, (lines, step) => {
        const data = Buffer.concat(lines.flatMap((text, n) => pieces(text).map((piece) => frame(1 + (n % 2), piece))));
        const expected = lines.map((text, n) => [n % 2 === 0 ? 'stdout' : 'stderr', text]);
        expect(read(new MultiplexedReader(), data, step)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('is not waited for without end where a terminal writes no end of line', () => {
    const reader = new TerminalReader();
    const lines = new LineAssembler();
    const found: string[] = [];
    let held = 0;
    const push = (text: string): void => {
      for (const piece of reader.push(Buffer.from(text))) {
        held += piece.bytes.length;
        const line = lines.push(piece);
        if (line !== null) found.push(line.text);
      }
    };
    push(`${STAMP} `);
    for (let n = 0; n < 48; n += 1) push('y y '.repeat(16_384));
    expect(held).toBeGreaterThan(2_000_000);
    push(`end\n${STAMP} next\n`);
    expect(found.map((text) => text.length)).toEqual([1024 * 1024, 4]);
  });

  it('goes on with the next line where a stamp is missing', () => {
    const data = Buffer.from(`the rest of something that was long\n${STAMP} one\n`);
    expect(read(new TerminalReader(), data, 7)).toEqual([['stdout', 'one']]);
  });

  it('is read from a terminal however it is cut', () => {
    fc.assert(
      fc.property(texts, steps, (lines, step) => {
        const data = Buffer.from(lines.flatMap(pieces).join(''));
        expect(read(new TerminalReader(), data, step)).toEqual(lines.map((text) => ['stdout', text]));
      }),
      { numRuns: 50 },
    );
  });

  it('is read from a terminal to its end when that comes right behind a whole piece', () => {
    const data = Buffer.from(pieces(`${'x'.repeat(16_384)}y`).join(''));
    expect(read(new TerminalReader(), data, 10_000).map(([, text]) => text.length)).toEqual([16_385]);
  });

  it('loses the carriage returns of a terminal', () => {
    expect(read(new TerminalReader(), Buffer.from(`${STAMP} a\r\n${STAMP} \r\n`), 500)).toEqual([
      ['stdout', 'a'],
      ['stdout', ''],
    ]);
  });

  it('keeps 1 MB of a line', () => {
    const data = Buffer.concat(pieces('y'.repeat(3_000_000)).map((piece) => frame(1, piece)));
    const [line] = read(new MultiplexedReader(), data, 65_536);
    expect(line?.[1]).toHaveLength(1024 * 1024);
  });

  it('lets two streams write lines in pieces at the same time', () => {
    const lines = new LineAssembler();
    const piece = (stream: 'stdout' | 'stderr', text: string, ends: boolean) =>
      lines.push({ stream, stamp: STAMP, bytes: Buffer.from(text), ends })?.text;
    expect([piece('stdout', 'a', false), piece('stderr', '1', false)]).toEqual([undefined, undefined]);
    expect([piece('stdout', 'b', true), piece('stderr', '2', true)]).toEqual(['ab', '12']);
    piece('stdout', 'begun', false);
    expect(lines.flush().map((line) => line.text)).toEqual(['begun']);
  });
});

it.each([
  ['2026-11-22T16:59:10.817488347Z', '2026-11-22T16:59:10.817488347Z'],
  ['2026-11-22T16:59:10Z', '2026-11-22T16:59:10.000000000Z'],
  ['2026-11-22T17:59:10.5+01:00', '2026-11-22T16:59:10.500000000Z'],
])('%s is %s', (text, expected) => {
  expect(canonicalStamp(text)).toBe(expected);
});

it('asks with nanoseconds', () => {
  expect(stampSeconds(STAMP)).toBe(`${Date.parse('2026-11-22T16:59:10Z') / 1000}.817488347`);
  expect(stampMs(STAMP)).toBe(Date.parse('2026-11-22T16:59:10.817Z'));
});
