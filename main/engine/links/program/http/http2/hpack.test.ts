import { describe, expect, test } from 'vitest';
import { encodeHeaders, HpackDecoder } from './hpack.ts';
import { decodeHuffman } from './huffman.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const lines = (fields: readonly (readonly [string, string])[]): string[] =>
  fields.map(([name, value]) => `${name}: ${value}`);

/** The examples of RFC 7541, appendix C: blocks that follow each other on one connection. */
const examples: readonly { name: string; limit?: number; blocks: readonly [block: string, fields: string[]][] }[] = [
  {
    name: 'C.2.1 literal with indexing',
    blocks: [['400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572', ['custom-key: custom-header']]],
  },
  { name: 'C.2.2 literal without indexing', blocks: [['040c 2f73 616d 706c 652f 7061 7468', [':path: /sample/path']]] },
  { name: 'C.2.3 never indexed', blocks: [['1008 7061 7373 776f 7264 0673 6563 7265 74', ['password: secret']]] },
  {
    name: 'C.3 requests',
    blocks: [
      [
        '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
      ],
      [
        '8286 84be 5808 6e6f 2d63 6163 6865',
        [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
      ],
      [
        '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
        [
          ':method: GET',
          ':scheme: https',
          ':path: /index.html',
          ':authority: www.example.com',
          'custom-key: custom-value',
        ],
      ],
    ],
  },
  {
    name: 'C.4 requests with Huffman coding',
    blocks: [
      [
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
      ],
      [
        '8286 84be 5886 a8eb 1064 9cbf',
        [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
      ],
      [
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
        [
          ':method: GET',
          ':scheme: https',
          ':path: /index.html',
          ':authority: www.example.com',
          'custom-key: custom-value',
        ],
      ],
    ],
  },
  {
    name: 'C.6 responses with Huffman coding and a table of 256 bytes',
    limit: 256,
    blocks: [
      [
        '3fe1 01 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
        [
          ':status: 302',
          'cache-control: private',
          'date: Mon, 21 Oct 2013 20:13:21 GMT',
          'location: https://www.example.com',
        ],
      ],
      [
        '4883 640e ffc1 c0bf',
        [
          ':status: 307',
          'cache-control: private',
          'date: Mon, 21 Oct 2013 20:13:21 GMT',
          'location: https://www.example.com',
        ],
      ],
    ],
  },
];

describe('HpackDecoder', () => {
  test.for(examples)('decodes $name', ({ limit, blocks }) => {
    const decoder = new HpackDecoder();
    if (limit !== undefined) decoder.limit = limit;
    for (const [block, fields] of blocks) expect(lines(decoder.decode(hex(block)))).toEqual(fields);
  });

  test.for([
    ['an index of nothing', 'be'],
    ['index 0', '80'],
    ['a string that is cut off', '400a 6375'],
    ['an integer without end', '7fff ffff ffff ffff ff'],
    ['a table larger than allowed', '3fe1 ff03'],
    ['padding that is not ones', '0082 f1e0 00'],
  ])('refuses %s', ([, block]) => {
    expect(() => new HpackDecoder().decode(hex(block ?? ''))).toThrow();
  });

  test('reads what encodeHeaders writes, and keeps none of it', () => {
    const fields = [
      [':status', '503'],
      ['x-long', 'v'.repeat(5000)],
      ['empty', ''],
    ] as const;
    const decoder = new HpackDecoder();
    expect(decoder.decode(encodeHeaders(fields))).toEqual(fields);
    expect(() => decoder.decode(hex('be'))).toThrow('no header at index 62');
  });
});

test('decodeHuffman refuses the end-of-string symbol and too much padding', () => {
  expect(() => decodeHuffman(hex('ffff ffff'))).toThrow();
  expect(() => decodeHuffman(hex('1fff'))).toThrow();
  expect(decodeHuffman(hex('a8eb 1064 9cbf'))).toBe('no-cache');
});
