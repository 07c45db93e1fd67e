import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { line, lines } from './line.fixture.ts';
import { LogBuffer } from './log-buffer.ts';

const seqs = (buffer: LogBuffer) => buffer.lines().map((one) => one.seq);

describe('LogBuffer', () => {
  it('keeps the newest of what is appended, and their positions', () => {
    const buffer = new LogBuffer(4);
    buffer.append(lines(0, 3));
    buffer.append(lines(3, 3));
    expect(seqs(buffer)).toEqual([2, 3, 4, 5]);
    expect([buffer.first, buffer.count]).toEqual([2, 4]);
    expect(buffer.at(5)).toMatchObject({ seq: 5 });
    expect(buffer.at(1)).toBeUndefined();
    expect(buffer.at(6)).toBeUndefined();
  });

  it('keeps the oldest of what is put before, and says what that cost', () => {
    const buffer = new LogBuffer(4);
    buffer.append(lines(10, 3));
    expect(buffer.prepend(lines(7, 3))).toBe(2);
    expect(seqs(buffer)).toEqual([7, 8, 9, 10]);
    expect(buffer.first).toBe(-3);
    expect(buffer.at(0)).toMatchObject({ seq: 10 });
  });

  it('shows what was skipped in its place, once for what was skipped together', () => {
    const buffer = new LogBuffer(10);
    buffer.append(lines(0, 1));
    buffer.skip(5);
    buffer.skip(7);
    buffer.append(lines(13, 1));
    expect([0, 1, 2].map((position) => buffer.at(position))).toEqual([line(0), { skipped: 12 }, line(13)]);
    expect(seqs(buffer)).toEqual([0, 13]);
  });

  it('is a list of bounded length under any appending and prepending', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.record({ front: fc.boolean(), count: fc.nat(15) }), { maxLength: 20 }),
        (capacity, steps) => {
          const buffer = new LogBuffer(capacity);
          let model: number[] = [];
          for (const { front, count } of steps) {
            const rows = lines(front ? (model[0] ?? 0) - count : (model.at(-1) ?? -1) + 1, count);
            const numbers = rows.map((row) => row.seq);
            if (front) buffer.prepend(rows);
            else buffer.append(rows);
            model = front ? [...numbers, ...model].slice(0, capacity) : [...model, ...numbers].slice(-capacity);
            expect(seqs(buffer)).toEqual(model);
          }
        },
      ),
    );
  });
});
