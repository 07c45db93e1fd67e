import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestParser } from './request-parser.ts';

const encode = (words: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n')]),
  ]);

test('requests of any bytes come out whole, wherever the stream is cut', () => {
  const word = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const requests = fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { maxLength: 8 });
  fc.assert(
    fc.property(requests, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, sizes) => {
      const stream = Buffer.concat(sent.map(encode));
      const parser = new RequestParser();
      const received: string[][] = [];
      let turn = 0;
      for (let at = 0; at < stream.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        parser.push(stream.subarray(at, at + size), (words) => received.push(words));
        at += size;
      }
      expect(received).toEqual(sent.map((words) => words.map((one) => one.toString('latin1'))));
    }),
  );
});

test('an empty request is passed over', () => {
  const received: string[][] = [];
  new RequestParser().push(Buffer.from('*0\r\n\r\n*-1\r\nPING\r\n'), (words) => received.push(words));
  expect(received).toEqual([['PING']]);
});
