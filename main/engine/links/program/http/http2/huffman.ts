// The Huffman code of HPACK (RFC 7541, appendix B). It is canonical, so the lengths of the codes say all: codes of one
// length follow each other in the order of their symbols.

/** Lengths in bits of the codes of the bytes 0 to 255, then of the end-of-string symbol. */
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
];
const END_OF_STRING = 256;

/** A binary tree: the entries of a node are the next node, or a symbol as its negative less one. */
function buildTree(): Int16Array {
  const tree = new Int16Array(2 * 1024);
  let nodes = 1;
  let code = 0;
  for (let length = 1; length <= 30; length += 1) {
    code *= 2;
    for (let symbol = 0; symbol <= END_OF_STRING; symbol += 1) {
      if (LENGTHS[symbol] !== length) continue;
      let node = 0;
      for (let bit = length - 1; bit > 0; bit -= 1) {
        const at = node * 2 + ((code >>> bit) & 1);
        if (tree[at] === 0) {
          tree[at] = nodes;
          nodes += 1;
        }
        node = tree[at] ?? 0;
      }
      tree[node * 2 + (code & 1)] = -symbol - 1;
      code += 1;
    }
  }
  return tree;
}

const tree = buildTree();

/**
 * Decodes a Huffman-coded string.
 * @throws Error for what RFC 7541, 5.2 calls a decoding error
 */
export function decodeHuffman(bytes: Buffer): string {
  const out: number[] = [];
  let node = 0;
  let padding = 0;
  let isOnes = true;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const value = (byte >>> bit) & 1;
      const next = tree[node * 2 + value] ?? 0;
      padding += 1;
      if (value === 0) isOnes = false;
      if (next >= 0) {
        node = next;
        continue;
      }
      if (-next - 1 === END_OF_STRING) throw new Error('end of string inside a string');
      out.push(-next - 1);
      node = 0;
      padding = 0;
      isOnes = true;
    }
  }
  if (padding > 7 || !isOnes) throw new Error('bad padding of a string');
  return Buffer.from(out).toString('latin1');
}
