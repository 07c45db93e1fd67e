import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headerOf, parseHead, withHeaders } from './head.ts';
import { MessageReader } from './message-reader.ts';
import { requestBody, requestLine, responseBody, statusOf } from './messages.ts';

const headOf = (text: string) => {
  const head = parseHead(Buffer.from(`${text}\r\n\r\n`));
  if (!head) throw new Error(`no head: ${text}`);
  return head;
};

describe('bodies end as RFC 9112, 6.3 says', () => {
  test.for([
    ['GET / HTTP/1.1', { kind: 'none' }],
    ['POST / HTTP/1.1\r\nContent-Length: 5', { kind: 'length', bytes: 5 }],
    ['POST / HTTP/1.1\r\nContent-Length: 5\r\ncontent-length: 5', { kind: 'length', bytes: 5 }],
    ['POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6', null],
    ['POST / HTTP/1.1\r\nContent-Length: -5', null],
    ['POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: gzip, chunked', { kind: 'chunked' }],
    ['POST / HTTP/1.1\r\nTransfer-Encoding: gzip', null],
  ] as const)('%s', ([head, body]) => {
    expect(requestBody(headOf(head))).toEqual(body);
  });

  test('responses', () => {
    expect(responseBody(headOf('HTTP/1.1 200 OK\r\nContent-Length: 7'), 'HEAD', 200)).toEqual({ kind: 'none' });
    expect(responseBody(headOf('HTTP/1.1 304 Not Modified\r\nContent-Length: 7'), 'GET', 304)).toEqual({
      kind: 'none',
    });
    expect(responseBody(headOf('HTTP/1.1 200 OK'), 'GET', 200)).toEqual({ kind: 'close' });
  });
});

test('first lines', () => {
  expect(requestLine(headOf('GET /a?b HTTP/1.1'))).toEqual({ method: 'GET', path: '/a?b' });
  expect(requestLine(headOf('GET /a b HTTP/1.1'))).toBeNull();
  expect(statusOf(headOf('HTTP/1.1 404 Not Found'))).toBe(404);
  expect(statusOf(headOf('HTTP/2 404'))).toBeNull();
});

test('headers are set in their place and removed whatever their case', () => {
  const head = headOf('GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\na: 3');
  expect(headerOf(head, 'a')).toBe('1, 3');
  const changed = withHeaders(head, [
    { name: 'a', value: 'x' },
    { name: 'b', value: null },
    { name: 'C', value: 'y' },
  ]);
  expect(changed.fields).toEqual([
    ['a', 'x'],
    ['C', 'y'],
  ]);
});

test('messages are found however the bytes are cut, and pass unchanged', () => {
  const messages = [
    'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST /2 HTTP/1.1\r\nContent-Length: 11\r\n\r\nGET / HTTP/1',
    'POST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x="y"\r\nab\r\nc\r\n1\r\nz\r\n0\r\nTrailer: t\r\n\r\n',
    'PUT /4 HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
  ];
  const whole = Buffer.from(messages.join(''));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: whole.length }), { maxLength: 12 }), (cuts) => {
      const paths: string[] = [];
      const written: Buffer[] = [];
      let done = 0;
      const reader = new MessageReader({
        isFirstLine: (firstLine) => requestLine({ firstLine }) !== null,
        head: (bytes, head) => {
          paths.push(requestLine(head)?.path ?? '');
          reader.write(bytes);
          reader.begin(requestBody(head) ?? { kind: 'close' }, false);
        },
        done: () => {
          done += 1;
        },
        broken: () => paths.push('broken'),
        write: (chunk) => written.push(Buffer.from(chunk)),
      });
      const ends = [...new Set(cuts), whole.length].sort((a, b) => a - b);
      let from = 0;
      for (const to of ends) {
        reader.read(whole.subarray(from, to));
        from = to;
      }
      expect(paths).toEqual(['/1', '/2', '/3', '/4']);
      expect(done).toBe(4);
      expect(Buffer.concat(written).equals(whole)).toBe(true);
    }),
  );
});
