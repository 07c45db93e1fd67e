import type Long from 'long';
import type { Attributes, AttributeValue } from '../../../contract/index.ts';
import { maxTextBytes } from './attribute-json.ts';
import type { AnyValue, KeyValue } from './otlp-messages.ts';
import { MalformedError, maxDepth } from './wire-reader.ts';

/** An AnyValue as JSON has it: bytes as base64, integers that no double holds and numbers that are none as text. */
export function attributeValue(value: AnyValue | null, depth = 1): AttributeValue {
  if (depth > maxDepth) throw new MalformedError(`values are nested deeper than ${maxDepth} levels`);
  switch (value?.value) {
    case 'stringValue':
      return value.stringValue.length > maxTextBytes
        ? `${value.stringValue.slice(0, maxTextBytes)}…`
        : value.stringValue;
    case 'boolValue':
      return value.boolValue;
    case 'intValue':
      return integer(value.intValue);
    case 'doubleValue':
      return Number.isFinite(value.doubleValue) ? value.doubleValue : String(value.doubleValue);
    case 'arrayValue':
      return (value.arrayValue?.values ?? []).map((item) => attributeValue(item, depth + 1));
    case 'kvlistValue':
      return attributes(value.kvlistValue?.values ?? [], depth + 1);
    case 'bytesValue':
      return Buffer.from(value.bytesValue.subarray(0, maxTextBytes)).toString('base64');
    default:
      return null;
  }
}

/** Attributes as an object; of equal keys the last counts. */
export function attributes(list: readonly KeyValue[], depth = 1): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, attributeValue(value, depth)]));
}

/** A 64-bit integer as bigint. */
export function toBigInt(value: Long): bigint {
  return BigInt(value.toString());
}

function integer(value: Long): number | string {
  const number = value.toNumber();
  return Number.isSafeInteger(number) ? number : value.toString();
}
