import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Head } from './head.ts';
import { MessageReader } from './message-reader.ts';
import { requestBody, requestLine, responseBody, statusOf } from './messages.ts';
import { isWholeRequest, NEEDS_A_LOOK, wholeResponse } from './whole-message.ts';

const fields = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');
const request = (first: string, lines: readonly string[], body = ''): Buffer =>
  Buffer.from(`${first}\r\n${fields(lines)}\r\n${body}`, 'latin1');

describe('one whole request', () => {
  test.for([
    ['no body', request('GET / HTTP/1.1', ['Host: a'])],
    ['no fields', request('DELETE /a?b=c HTTP/1.0', [])],
    ['a body', request('POST /orders HTTP/1.1', ['Host: a', 'CONTENT-length: \t3'], 'abc')],
    ['an empty body', request('PUT / HTTP/1.1', ['Content-Length: 0'])],
    [
      'fields that only begin alike',
      request('GET / HTTP/1.1', ['Content-Type: x', 'TE: trailers', 'C: 1', 'Trailer: t']),
    ],
    ['an upgrade that may be refused', request('GET / HTTP/1.1', ['Connection: upgrade', 'Upgrade: websocket'])],
  ] as const)('%s', ([, chunk]) => {
    expect(isWholeRequest(chunk)).toBe(true);
    expect(isWholeRequest(chunk.subarray(0, -1))).toBe(false);
    expect(isWholeRequest(Buffer.concat([chunk, Buffer.from('G')]))).toBe(false);
  });

  test.for([
    ['HEAD, whose answer has no body', request('HEAD / HTTP/1.1', [])],
    ['CONNECT', request('CONNECT a:1 HTTP/1.1', [])],
    ['chunks', request('POST / HTTP/1.1', ['Transfer-Encoding: chunked'], '0\r\n\r\n')],
    ['two lengths', request('POST / HTTP/1.1', ['Content-Length: 1', 'Content-Length: 1'], 'a')],
    ['two lengths in one', request('POST / HTTP/1.1', ['Content-Length: 1, 1'], 'a')],
    ['no number', request('POST / HTTP/1.1', ['Content-Length:'])],
    ['a negative length', request('POST / HTTP/1.1', ['Content-Length: -0'])],
    ['more digits than stay exact', request('POST / HTTP/1.1', ['Content-Length: 0000000000000001'], 'a')],
    ['a folded field', request('GET / HTTP/1.1', ['A: 1', ' 2'])],
    ['a line that is no field', request('GET / HTTP/1.1', ['A 1'])],
    ['another version', request('GET / HTTP/2.0', [])],
    ['lines that end with LF alone', Buffer.from('GET / HTTP/1.1\nHost: a\n\n')],
    ['nothing', Buffer.alloc(0)],
  ] as const)('not without a look: %s', ([, chunk]) => {
    expect(isWholeRequest(chunk)).toBe(false);
  });
});

describe('one whole response', () => {
  test.for([
    ['HTTP/1.1 200 OK', 200],
    ['HTTP/1.0 404 Not Found', 404],
    ['HTTP/1.1 503 ', 503],
    ['HTTP/1.1 500', 500],
    ['HTTP/1.1 100 Continue', NEEDS_A_LOOK],
    ['HTTP/1.1 101 Switching Protocols', NEEDS_A_LOOK],
    ['HTTP/1.1 204 No Content', NEEDS_A_LOOK],
    ['HTTP/1.1 304 Not Modified', NEEDS_A_LOOK],
    ['HTTP/1.1 2000 OK', NEEDS_A_LOOK],
    ['HTTP/1.1 600 OK', NEEDS_A_LOOK],
    ['HTTP/1.1 20x OK', NEEDS_A_LOOK],
    ['HTTP/2 200 OK', NEEDS_A_LOOK],
  ] as const)('%s', ([first, status]) => {
    expect(wholeResponse(request(first, ['Content-Length: 2'], 'ok'))).toBe(status);
  });

  test('which end with the connection, later or in chunks need a look', () => {
    expect(wholeResponse(request('HTTP/1.1 200 OK', [], 'ok'))).toBe(NEEDS_A_LOOK);
    expect(wholeResponse(request('HTTP/1.1 200 OK', ['Content-Length: 3'], 'ok'))).toBe(NEEDS_A_LOOK);
    expect(wholeResponse(request('HTTP/1.1 200 OK', ['Transfer-Encoding: chunked'], '0\r\n\r\n'))).toBe(NEEDS_A_LOOK);
  });
});

/** What is seen by who cuts a chunk into messages: the heads, when it has exactly whole ones. */
function cut(chunk: Buffer, body: (head: Head) => ReturnType<typeof requestBody>): Head[] | null {
  const heads: Head[] = [];
  let isBroken = false;
  const reader = new MessageReader({
    isFirstLine: () => true,
    head: (bytes, head) => {
      heads.push(head);
      const kind = body(head);
      if (kind === null) reader.break(bytes);
      else reader.begin(kind, false);
    },
    done: () => {},
    broken: () => {
      isBroken = true;
    },
    write: () => {},
  });
  reader.read(chunk);
  return isBroken || !reader.isBetweenMessages ? null : heads;
}

// Made of the pieces that matter, so that many are nearly messages.
const anyLine = fc.oneof(
  fc.constantFrom(
    'Content-Length: 2',
    'content-length:2 ',
    'Transfer-Encoding: chunked',
    'Content-Length: 2x',
    'A:',
    '',
  ),
  fc.constantFrom(
    ' folded',
    ': no name',
    'Host: a\r\nX: y',
    'B: 1\rC',
    'D: 1\nE: 2',
    'Content-Length : 2',
    'Té: x',
    'A b: c',
  ),
);
const anyChunk = fc
  .tuple(
    fc.constantFrom(
      'GET / HTTP/1.1',
      'POST /a HTTP/1.0',
      'HEAD / HTTP/1.1',
      'GET  / HTTP/1.1',
      'HTTP/1.1 200 OK',
      'HTTP/1.1 204 N',
    ),
    fc.array(anyLine, { maxLength: 4 }),
    fc.constantFrom('', 'ok', 'o', 'okG', '\r\n'),
  )
  .map(([first, lines, body]) => request(first, lines, body));

test('what passes without a look is what a look finds', () => {
  fc.assert(
    fc.property(anyChunk, (chunk) => {
      if (isWholeRequest(chunk)) {
        const heads = cut(chunk, requestBody);
        expect(heads?.map((head) => requestLine(head)?.method)).toEqual([expect.stringMatching(/GET|POST/)]);
      }
      const status = wholeResponse(chunk);
      if (status !== NEEDS_A_LOOK) {
        const heads = cut(chunk, (head) => responseBody(head, 'GET', statusOf(head) ?? 0));
        expect(heads?.map(statusOf)).toEqual([status]);
      }
    }),
    { numRuns: 3000 },
  );
});
