import type { Resources, StoredResource } from '../store/resources.ts';
import type { SpanBuffer } from '../store/span-buffer.ts';
import { StringHeap } from '../store/string-heap.ts';
import { AttributeJson, unsignedText } from './attribute-json.ts';
import { hotSlots } from './attribute-keys.ts';
import { WireReader } from './wire-reader.ts';

/** What became of the records of one request. */
export interface Outcome {
  accepted: number;
  rejected: number;
  /** Why the first of them was rejected; empty when none was. */
  reason: string;
}

/** More spans than this in one request are rejected (and said to be): staging them would take too much memory. */
export const maxSpansPerRequest = 131_072;

const maxRememberedResources = 4096;

/**
 * Decodes `ExportTraceServiceRequest` (opentelemetry/proto/collector/trace/v1) from the wire straight into the columns of a
 * SpanBuffer. This is the hot path: no object per span, no string but those that are new.
 */
export class TraceDecoder {
  private readonly buffer: SpanBuffer;
  private readonly resources: Resources;
  private readonly reader = new WireReader();
  private readonly json: AttributeJson;
  private readonly resourceHeap = new StringHeap(4096);
  private readonly resourceJson: AttributeJson;
  private readonly resourceByBytes = new Map<string, StoredResource>();
  private readonly service = new Uint32Array(4);
  private readonly scope = new Uint32Array(4);
  private resourceId = 0;
  private outcome: Outcome = { accepted: 0, rejected: 0, reason: '' };
  // Of the span at hand: where its parts lie in the message.
  private nameFrom = 0;
  private nameTo = 0;
  private messageFrom = 0;
  private messageTo = 0;
  private stateFrom = 0;
  private stateTo = 0;
  private hasExtra = false;
  private valid = '';

  constructor(buffer: SpanBuffer, resources: Resources) {
    this.buffer = buffer;
    this.resources = resources;
    this.json = new AttributeJson(this.reader, buffer.heap);
    this.resourceJson = new AttributeJson(this.reader, this.resourceHeap);
  }

  /** Adds a request's spans to the buffer: all that are valid, or, with a MalformedError, none. */
  decode(body: Uint8Array): Outcome {
    const mark = this.buffer.mark();
    this.outcome = { accepted: 0, rejected: 0, reason: '' };
    const reader = this.reader;
    reader.reset(body);
    try {
      while (reader.position < body.length) {
        const tag = reader.tag(body.length);
        if (tag === 0x0a) this.resourceSpans(reader.length(body.length));
        else reader.skip(tag, body.length);
      }
    } catch (error) {
      this.buffer.rollback(mark);
      throw error;
    } finally {
      reader.reset(new Uint8Array(0));
    }
    return this.outcome;
  }

  private resourceSpans(length: number): void {
    const reader = this.reader;
    const start = reader.position;
    const end = start + length;
    // The resource applies to all its spans, wherever it stands among them.
    let from = start;
    let to = start;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) {
        const size = reader.length(end);
        from = reader.position;
        to = from + size;
        reader.position = to;
      } else reader.skip(tag, end);
    }
    this.useResource(from, to);
    reader.position = start;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === 0x12) this.scopeSpans(reader.length(end));
      else reader.skip(tag, end);
    }
  }

  private useResource(from: number, to: number): void {
    const { reader, resourceByBytes } = this;
    const key = Buffer.from(reader.bytes.buffer, reader.bytes.byteOffset + from, to - from).toString('latin1');
    let resource = resourceByBytes.get(key);
    if (resource === undefined) {
      resource = this.decodeResource(from, to);
      if (resourceByBytes.size >= maxRememberedResources) resourceByBytes.clear();
      resourceByBytes.set(key, resource);
    }
    this.resourceId = resource.id;
    const heap = this.buffer.heap;
    const start = heap.length;
    heap.string(resource.service);
    heap.record(this.service, 0, start);
  }

  private decodeResource(from: number, to: number): StoredResource {
    const { reader, resourceHeap: heap } = this;
    heap.clear(4096);
    reader.position = from;
    while (reader.position < to) {
      const tag = reader.tag(to);
      if (tag === 0x0a) {
        const length = reader.length(to);
        this.resourceJson.member(0, reader.position + length, 1, false);
      } else reader.skip(tag, to);
    }
    this.resourceJson.close(0);
    return this.resources.intern(Buffer.from(heap.bytes.buffer, 0, heap.length).toString('utf8'));
  }

  private scopeSpans(length: number): void {
    const reader = this.reader;
    const start = reader.position;
    const end = start + length;
    let from = start;
    let to = start;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) {
        const size = reader.length(end);
        from = reader.position;
        to = from + size;
        reader.position = to;
      } else reader.skip(tag, end);
    }
    this.useScope(from, to);
    reader.position = start;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === 0x12) this.span(reader.length(end));
      else reader.skip(tag, end);
    }
  }

  private useScope(from: number, to: number): void {
    const reader = this.reader;
    const heap = this.buffer.heap;
    const start = heap.length;
    reader.position = from;
    while (reader.position < to) {
      const tag = reader.tag(to);
      if (tag === 0x0a) {
        const length = reader.length(to);
        heap.length = start;
        heap.text(reader.bytes, reader.position, reader.position + length);
        reader.position += length;
      } else reader.skip(tag, to);
    }
    heap.record(this.scope, 0, start);
  }

  private span(length: number): void {
    const { buffer, reader } = this;
    const start = reader.position;
    const end = start + length;
    const mark = buffer.heap.length;
    buffer.reserveRow();
    this.fields(end);
    if (this.valid === '' && this.outcome.accepted >= maxSpansPerRequest) {
      this.valid = `more than ${maxSpansPerRequest} spans in one request`;
    }
    if (this.valid !== '') {
      buffer.heap.length = mark;
      this.outcome.rejected++;
      if (this.outcome.reason === '') this.outcome.reason = this.valid;
      return;
    }
    this.texts();
    if (this.hasExtra) {
      const extraStart = buffer.heap.length;
      this.extra(start, end);
      buffer.heap.record(buffer.columns.extra, buffer.rows, extraStart);
      reader.position = end;
    }
    this.outcome.accepted++;
    buffer.rows++;
  }

  /** The span's fields into row `buffer.rows`; `valid` says what is wrong with it, if anything is. */
  private fields(end: number): void {
    const { buffer, reader, json } = this;
    const { columns, rows: row, heap } = buffer;
    const attributes = heap.length;
    this.nameFrom = this.nameTo = this.messageFrom = this.messageTo = this.stateFrom = this.stateTo = 0;
    this.hasExtra = false;
    let traceBytes = 0;
    let spanBytes = 0;
    let parentBytes = 0;
    let startLow = 0;
    let startHigh = 0;
    let endLow = 0;
    let endHigh = 0;
    let kind = 0;
    columns.status[row] = 0;
    json.clearHot();
    while (reader.position < end) {
      const tag = reader.tag(end);
      switch (tag) {
        case 0x0a:
          traceBytes = reader.length(end);
          if (traceBytes === 16) traceId(reader, columns.traceId, row);
          reader.position += traceBytes;
          break;
        case 0x12:
          spanBytes = reader.length(end);
          if (spanBytes === 8) spanId(reader, columns.spanId, row);
          reader.position += spanBytes;
          break;
        case 0x22:
          parentBytes = reader.length(end);
          if (parentBytes === 8) spanId(reader, columns.parentId, row);
          reader.position += parentBytes;
          break;
        case 0x1a:
          this.stateTo = reader.length(end) + reader.position;
          this.stateFrom = reader.position;
          this.hasExtra ||= this.stateTo > this.stateFrom;
          reader.position = this.stateTo;
          break;
        case 0x2a:
          this.nameTo = reader.length(end) + reader.position;
          this.nameFrom = reader.position;
          reader.position = this.nameTo;
          break;
        case 0x30:
          kind = reader.varint32(end);
          break;
        case 0x39:
          reader.fixed64(end);
          startLow = reader.low;
          startHigh = reader.high;
          break;
        case 0x41:
          reader.fixed64(end);
          endLow = reader.low;
          endHigh = reader.high;
          break;
        case 0x4a:
          json.member(attributes, reader.length(end) + reader.position, 1, true);
          break;
        case 0x5a:
        case 0x6a:
          this.hasExtra = true;
          reader.position = reader.length(end) + reader.position;
          break;
        case 0x7a:
          this.status(reader.length(end), row);
          break;
        default:
          reader.skip(tag, end);
      }
    }
    json.close(attributes);
    heap.record(columns.attributes, row, attributes);
    if (parentBytes === 0) columns.parentId[row * 2] = columns.parentId[row * 2 + 1] = 0;
    columns.kind[row] = kind <= 5 ? kind : 0;
    columns.resource[row] = this.resourceId;
    // Without a start the end is the best that is known.
    if (startLow === 0 && startHigh === 0) {
      startLow = endLow;
      startHigh = endHigh;
    }
    this.times(startLow, startHigh, endLow, endHigh);
    this.valid = this.check(traceBytes, spanBytes, parentBytes, startLow, startHigh);
  }

  private times(startLow: number, startHigh: number, endLow: number, endHigh: number): void {
    const { columns, rows: row } = this.buffer;
    columns.startNs[row * 2] = startLow;
    columns.startNs[row * 2 + 1] = startHigh;
    // A span that ends before it starts (clocks do that) has no duration.
    const forward = endHigh > startHigh || (endHigh === startHigh && endLow >= startLow);
    columns.durationNs[row * 2] = forward ? endLow - startLow : 0;
    columns.durationNs[row * 2 + 1] = forward ? endHigh - startHigh - (endLow < startLow ? 1 : 0) : 0;
  }

  private check(
    traceBytes: number,
    spanBytes: number,
    parentBytes: number,
    startLow: number,
    startHigh: number,
  ): string {
    const { columns, rows: row } = this.buffer;
    if (traceBytes !== 16) return `a trace_id has ${traceBytes} bytes, not 16`;
    if (spanBytes !== 8) return `a span_id has ${spanBytes} bytes, not 8`;
    if (parentBytes !== 8 && parentBytes !== 0) return `a parent_span_id has ${parentBytes} bytes, not 8`;
    const t = columns.traceId;
    const at = row * 4;
    if (t[at] === 0 && t[at + 1] === 0 && t[at + 2] === 0 && t[at + 3] === 0x80000000) return 'a trace_id is all zeros';
    if (columns.spanId[row * 2] === 0 && columns.spanId[row * 2 + 1] === 0) return 'a span_id is all zeros';
    if (startLow === 0 && startHigh === 0) return 'a span has neither start nor end';
    if (startHigh >= 0x80000000) return 'a start_time_unix_nano is after the year 2262';
    if ((columns.durationNs[row * 2 + 1] as number) >= 0x80000000)
      return 'an end_time_unix_nano is after the year 2262';
    return '';
  }

  /** Status: message in field 2, code in field 3. */
  private status(length: number, row: number): void {
    const reader = this.reader;
    const end = reader.position + length;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === 0x12) {
        this.messageTo = reader.length(end) + reader.position;
        this.messageFrom = reader.position;
        reader.position = this.messageTo;
      } else if (tag === 0x18) {
        const code = reader.varint32(end);
        this.buffer.columns.status[row] = code <= 2 ? code : 0;
      } else reader.skip(tag, end);
    }
  }

  /** The columns of text beside the attributes. */
  private texts(): void {
    const { buffer, json } = this;
    const { columns, rows: row } = buffer;
    copyRecord(columns.service, row, this.service);
    copyRecord(columns.scope, row, this.scope);
    this.text(columns.name, row, this.nameFrom, this.nameTo);
    this.text(columns.statusMessage, row, this.messageFrom, this.messageTo);
    this.text(columns.peer, row, json.hotFrom[hotSlots.peer] as number, json.hotTo[hotSlots.peer] as number);
    this.text(columns.system, row, json.hotFrom[hotSlots.system] as number, json.hotTo[hotSlots.system] as number);
    this.text(columns.target, row, json.hotFrom[hotSlots.target] as number, json.hotTo[hotSlots.target] as number);
    columns.httpStatus[row] = this.hotNumber(hotSlots.httpStatus);
    columns.peerPort[row] = this.hotNumber(hotSlots.peerPort);
    columns.extraValid[row] = this.hasExtra ? 1 : 0;
    if (!this.hasExtra) clearRecord(columns.extra, row);
  }

  private text(column: Uint32Array, row: number, from: number, to: number): void {
    if (from === to) {
      clearRecord(column, row);
      return;
    }
    const heap = this.buffer.heap;
    const start = heap.length;
    heap.text(this.reader.bytes, from, to);
    heap.record(column, row, start);
  }

  /** A hot attribute as a 16-bit number; some senders write ports and statuses as text. */
  private hotNumber(slot: number): number {
    const { json, reader } = this;
    const from = json.hotFrom[slot] as number;
    const to = json.hotTo[slot] as number;
    let value = json.hotNumber[slot] as number;
    if (to > from && to - from <= 5) {
      for (let i = from; i < to; i++) {
        const digit = (reader.bytes[i] as number) - 0x30;
        if (digit < 0 || digit > 9) return 0;
        value = value * 10 + digit;
      }
    }
    return value <= 65_535 ? value : 0;
  }

  /** Events, links and the trace state as one JSON object, at the heap's end. */
  private extra(start: number, end: number): void {
    const heap = this.buffer.heap;
    const { reader } = this;
    let separator = '{';
    for (const [wanted, name] of [
      [0x5a, 'events'],
      [0x6a, 'links'],
    ] as const) {
      let items = 0;
      reader.position = start;
      while (reader.position < end) {
        const tag = reader.tag(end);
        if (tag !== wanted) {
          reader.skip(tag, end);
          continue;
        }
        heap.string(items++ === 0 ? `${separator}"${name}":[` : ',');
        const itemEnd = reader.length(end) + reader.position;
        if (name === 'events') this.event(itemEnd);
        else this.link(itemEnd);
      }
      if (items === 0) continue;
      heap.byte(0x5d);
      separator = ',';
    }
    if (this.stateTo > this.stateFrom) {
      heap.string(`${separator}"traceState":`);
      heap.json(reader.bytes, this.stateFrom, this.stateTo);
      separator = ',';
    }
    heap.string(separator === '{' ? '{}' : '}');
  }

  /** Span.Event: time 1, name 2, attributes 3. */
  private event(end: number): void {
    const { reader } = this;
    const start = reader.position;
    let time = '0';
    let nameFrom = 0;
    let nameTo = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === 0x09) {
        reader.fixed64(end);
        time = unsignedText(reader.low, reader.high);
      } else if (tag === 0x12) {
        nameTo = reader.length(end) + reader.position;
        nameFrom = reader.position;
        reader.position = nameTo;
      } else reader.skip(tag, end);
    }
    const heap = this.buffer.heap;
    heap.string(`{"timeNs":"${time}","name":`);
    heap.json(reader.bytes, nameFrom, nameTo);
    this.attributesOf(start, end, 0x1a);
  }

  /** Span.Link: trace_id 1, span_id 2, attributes 4. */
  private link(end: number): void {
    const { reader } = this;
    const start = reader.position;
    let traceHex = '';
    let spanHex = '';
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag !== 0x0a && tag !== 0x12) {
        reader.skip(tag, end);
        continue;
      }
      const length = reader.length(end);
      const { bytes } = reader;
      const hex = Buffer.from(bytes.buffer, bytes.byteOffset + reader.position, Math.min(length, 16)).toString('hex');
      if (tag === 0x0a) traceHex = hex;
      else spanHex = hex;
      reader.position += length;
    }
    this.buffer.heap.string(`{"traceId":"${traceHex}","spanId":"${spanHex}"`);
    this.attributesOf(start, end, 0x22);
  }

  /** The attributes in the fields with this tag as the last member of an object, and the object's end. */
  private attributesOf(start: number, end: number, wanted: number): void {
    const { reader, json } = this;
    const heap = this.buffer.heap;
    heap.string(',"attributes":');
    const attributes = heap.length;
    reader.position = start;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === wanted) json.member(attributes, reader.length(end) + reader.position, 1, false);
      else reader.skip(tag, end);
    }
    json.close(attributes);
    heap.byte(0x7d);
  }
}

/** 16 bytes as DuckDB's UUID: a 128-bit number, little-endian, with the highest bit turned over so that it sorts. */
function traceId(reader: WireReader, words: Uint32Array, row: number): void {
  const from = reader.position;
  const to = row * 4;
  words[to] = reader.wordBigEndian(from + 12);
  words[to + 1] = reader.wordBigEndian(from + 8);
  words[to + 2] = reader.wordBigEndian(from + 4);
  words[to + 3] = reader.wordBigEndian(from) ^ 0x80000000;
}

function spanId(reader: WireReader, words: Uint32Array, row: number): void {
  words[row * 2] = reader.wordBigEndian(reader.position + 4);
  words[row * 2 + 1] = reader.wordBigEndian(reader.position);
}

function copyRecord(words: Uint32Array, row: number, record: Uint32Array): void {
  const at = row * 4;
  words[at] = record[0] as number;
  words[at + 1] = record[1] as number;
  words[at + 2] = record[2] as number;
  words[at + 3] = record[3] as number;
}

function clearRecord(words: Uint32Array, row: number): void {
  const at = row * 4;
  words[at] = 0;
  words[at + 1] = 0;
  words[at + 2] = 0;
  words[at + 3] = 0;
}
