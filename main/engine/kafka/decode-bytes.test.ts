import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBytes, headerText, layOutJson } from './decode-bytes.ts';

test('JSON keeps every value when it is laid out', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(JSON.parse(layOutJson(json))).toEqual(JSON.parse(json));
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => {
      // The runtime's own layout is the model, as far as it does not change numbers.
      const compact = JSON.stringify(value);
      expect(layOutJson(compact)).toBe(JSON.stringify(JSON.parse(compact), null, 2));
    }),
  );
});

test('numbers and escapes stay as they were sent', () => {
  expect(layOutJson('{"id":12345678901234567890,"x":1.50,"s":"a\\"},[b"}')).toBe(
    '{\n  "id": 12345678901234567890,\n  "x": 1.50,\n  "s": "a\\"},[b"\n}',
  );
});

test('text, JSON, and neither', () => {
  const of = (bytes: Buffer) => decodeBytes(bytes).format;
  expect(of(Buffer.from('{"a":1}'))).toBe('json');
  expect(of(Buffer.from('{"a":1'))).toBe('text');
  expect(of(Buffer.from('42'))).toBe('text');
  expect(of(Buffer.from(''))).toBe('text');
  expect(of(Buffer.from([0xc3, 0x28]))).toBe('hex');
  // Valid UTF-8, but no text: the magic byte and the id in front of an Avro value.
  expect(of(Buffer.from([0, 0, 0, 0, 7, 0x68, 0x69]))).toBe('hex');
  expect(decodeBytes(Buffer.from([1, 0xab]))).toEqual({ format: 'hex', text: '01 ab', bytes: 2, truncated: false });
  expect(decodeBytes(null).format).toBe('null');
});

test('long values are cut, and not inside a character', () => {
  const long = Buffer.from('ü'.repeat(100_000));
  const shown = decodeBytes(Buffer.concat([Buffer.from('a'), long]));
  expect(shown).toMatchObject({ format: 'text', bytes: 200_001, truncated: true });
  expect(shown.text).toMatch(/^aü+$/);
  expect(decodeBytes(Buffer.alloc(100_000))).toMatchObject({ format: 'hex', bytes: 100_000, truncated: true });
});

test('any bytes can be shown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
      const bytes = Buffer.from(content);
      expect(decodeBytes(bytes).bytes).toBe(bytes.length);
      expect(typeof headerText(bytes)).toBe('string');
    }),
  );
});
