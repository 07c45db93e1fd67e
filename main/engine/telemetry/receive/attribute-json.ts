import type { StringHeap } from '../store/string-heap.ts';
import { type AttributeKey, AttributeKeys, hotSlotCount, hotSlots } from './attribute-keys.ts';
import { MalformedError, maxDepth, type WireReader } from './wire-reader.ts';

/** A text value longer than this is cut, and ends in `…`. */
export const maxTextBytes = 65_536;
/** When the attributes of one record have become this long, further ones are left out. */
export const maxAttributesBytes = 1 << 20;

const quote = 0x22;
const comma = 0x2c;
const twoTo32 = 4294967296;

/**
 * Turns OTLP attributes (opentelemetry.proto.common.v1.KeyValue) from the wire into JSON text, and picks out those that the
 * store keeps in columns of their own: where their text lies in the message, or their number.
 */
export class AttributeJson {
  readonly hotFrom = new Int32Array(hotSlotCount);
  readonly hotTo = new Int32Array(hotSlotCount);
  readonly hotNumber = new Float64Array(hotSlotCount);
  private readonly hotRank = new Uint8Array(hotSlotCount);
  private readonly keys = new AttributeKeys();
  private readonly reader: WireReader;
  private readonly heap: StringHeap;
  // The value just written, for the hot slots: its text's place, or its number.
  private textFrom = 0;
  private textTo = 0;
  private number = 0;

  constructor(reader: WireReader, heap: StringHeap) {
    this.reader = reader;
    this.heap = heap;
  }

  /** Forgets the hot attributes of the record before. */
  clearHot(): void {
    for (let slot = 0; slot < hotSlotCount; slot++) {
      this.hotRank[slot] = 255;
      this.hotFrom[slot] = 0;
      this.hotTo[slot] = 0;
      this.hotNumber[slot] = 0;
    }
  }

  /**
   * One KeyValue as a member of the object that starts at `start`: the heap holds nothing of it yet, or its members so far.
   * Without a key or value in it, it counts as an empty key or null, as protobuf's defaults have it.
   */
  member(start: number, end: number, depth: number, hot: boolean): void {
    const reader = this.reader;
    let key: AttributeKey | null = null;
    let valueFrom = 0;
    let valueTo = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) {
        const length = reader.length(end);
        key = this.keys.find(reader.bytes, reader.position, reader.position + length);
        reader.position += length;
      } else if (tag === 0x12) {
        const length = reader.length(end);
        valueFrom = reader.position;
        valueTo = valueFrom + length;
        reader.position = valueTo;
      } else reader.skip(tag, end);
    }
    const heap = this.heap;
    if (heap.length - start > maxAttributesBytes) return;
    heap.byte(heap.length === start ? 0x7b : comma);
    if (key === null) key = this.keys.find(reader.bytes, 0, 0);
    heap.copy(key.json, 0, key.json.length);
    reader.position = valueFrom;
    this.value(valueTo, depth);
    reader.position = end;
    if (hot && key.slot !== hotSlots.none) this.keepHot(key);
  }

  /** Ends the object that starts at `start`. */
  close(start: number): void {
    if (this.heap.length === start) this.heap.byte(0x7b);
    this.heap.byte(0x7d);
  }

  /** An AnyValue, from the reader's position to `end`. */
  value(end: number, depth: number): void {
    if (depth > maxDepth) throw new MalformedError(`values are nested deeper than ${maxDepth} levels`);
    const reader = this.reader;
    const heap = this.heap;
    const start = heap.length;
    this.textFrom = this.textTo = this.number = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      // Of several members of a oneof the last one counts.
      if (tag >= 0x08 && tag <= 0x3a) heap.length = start;
      switch (tag) {
        case 0x0a: {
          const length = reader.length(end);
          this.text(reader.position, reader.position + length);
          reader.position += length;
          break;
        }
        case 0x10:
          reader.varint64(end);
          heap.string(reader.low === 0 && reader.high === 0 ? 'false' : 'true');
          break;
        case 0x18:
          reader.varint64(end);
          this.integer();
          break;
        case 0x21:
          reader.fixed64(end);
          heap.string(doubleJson(reader.low, reader.high));
          break;
        case 0x2a:
          this.list(reader.length(end), depth, false);
          break;
        case 0x32:
          this.list(reader.length(end), depth, true);
          break;
        case 0x3a: {
          const length = reader.length(end);
          this.base64(reader.position, reader.position + length);
          reader.position += length;
          break;
        }
        default:
          reader.skip(tag, end);
      }
    }
    if (heap.length === start) heap.string('null');
  }

  private text(from: number, to: number): void {
    this.textFrom = from;
    this.textTo = to;
    if (to - from <= maxTextBytes) {
      this.heap.json(this.reader.bytes, from, to);
      return;
    }
    let cut = from + maxTextBytes;
    while (cut > from && ((this.reader.bytes[cut] as number) & 0xc0) === 0x80) cut--;
    this.heap.json(this.reader.bytes, from, cut);
    this.heap.length--;
    this.heap.string('…"');
  }

  private integer(): void {
    const { low, high } = this.reader;
    if (high === 0) {
      this.number = low;
      this.digits(low);
      return;
    }
    const value = (BigInt(high | 0) << 32n) | BigInt(low);
    const exact = value >= -9007199254740991n && value <= 9007199254740991n;
    // Beyond what a double holds exactly the digits come as text, as OTLP's own JSON has them.
    this.heap.string(exact ? String(value) : `"${value}"`);
  }

  /** An unsigned 32-bit number in decimal. */
  private digits(value: number): void {
    const heap = this.heap;
    heap.reserve(10);
    let divisor = 1;
    while (value / divisor >= 10) divisor *= 10;
    const bytes = heap.bytes;
    let at = heap.length;
    for (let rest = value; divisor >= 1; divisor /= 10) {
      const digit = Math.floor(rest / divisor);
      bytes[at++] = 0x30 + digit;
      rest -= digit * divisor;
    }
    heap.length = at;
  }

  private base64(from: number, to: number): void {
    const { bytes } = this.reader;
    const count = Math.min(to - from, maxTextBytes);
    this.heap.byte(quote);
    this.heap.string(Buffer.from(bytes.buffer, bytes.byteOffset + from, count).toString('base64'));
    this.heap.byte(quote);
  }

  /** An ArrayValue (`[...]`), or a KeyValueList (`{...}`): both hold their items in field 1. */
  private list(length: number, depth: number, keyed: boolean): void {
    const reader = this.reader;
    const heap = this.heap;
    const end = reader.position + length;
    const start = heap.length;
    if (!keyed) heap.byte(0x5b);
    let items = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag !== 0x0a) {
        reader.skip(tag, end);
        continue;
      }
      const itemEnd = reader.length(end) + reader.position;
      if (heap.length - start > maxAttributesBytes) reader.position = itemEnd;
      else if (keyed) this.member(start, itemEnd, depth + 1, false);
      else {
        if (items++ > 0) heap.byte(comma);
        this.value(itemEnd, depth + 1);
        reader.position = itemEnd;
      }
    }
    if (keyed) this.close(start);
    else heap.byte(0x5d);
    this.textFrom = this.textTo = this.number = 0;
  }

  private keepHot(key: AttributeKey): void {
    if (key.rank >= (this.hotRank[key.slot] as number)) return;
    // What is empty tells nothing; another key may.
    if (this.textFrom === this.textTo && this.number === 0) return;
    this.hotRank[key.slot] = key.rank;
    this.hotFrom[key.slot] = this.textFrom;
    this.hotTo[key.slot] = this.textTo;
    this.hotNumber[key.slot] = this.number;
  }
}

const doubleView = new DataView(new ArrayBuffer(8));

/** A double from its halves as JSON; what JSON has no number for comes as text. */
function doubleJson(low: number, high: number): string {
  doubleView.setUint32(0, low, true);
  doubleView.setUint32(4, high, true);
  const value = doubleView.getFloat64(0, true);
  return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
}

/** An unsigned 64-bit number in decimal. */
export function unsignedText(low: number, high: number): string {
  return high < 0x200000 ? String(high * twoTo32 + low) : ((BigInt(high) << 32n) | BigInt(low)).toString();
}
