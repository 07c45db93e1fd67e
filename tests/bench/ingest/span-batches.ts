import { requestTypes } from '../../../main/engine/telemetry/receive/otlp-proto.ts';

/** The services that the generated spans claim to come from. */
export const benchServices = ['gateway', 'identity', 'catalog', 'cart', 'orders', 'inventory', 'payments', 'shipping'];

const spansPerTrace = 8;
const names = ['GET /api/orders/:id', 'POST /api/orders', 'orders.Reserve', 'SELECT orders', 'process order-events'];

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const integer = (key: string, intValue: number) => ({ key, value: { intValue } });
/** Stands for 16 digits that differ from span to span. */
const placeholder = 'abcdefghijklmnop';

function template(service: string, spans: number): Buffer {
  const message = {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', service), text('service.instance.id', `${service}-1`)] },
        scopeSpans: [
          {
            scope: { name: '@opentelemetry/instrumentation-http', version: '0.200.0' },
            spans: Array.from({ length: spans }, (_, i) => ({
              traceId: Buffer.alloc(16, 0xa1),
              spanId: Buffer.alloc(8, 0xa2),
              parentSpanId: i % spansPerTrace === 0 ? Buffer.alloc(0) : Buffer.alloc(8, 0xa3),
              name: names[i % names.length],
              kind: i % spansPerTrace === 0 ? 2 : (i % 5) + 1,
              startTimeUnixNano: 1,
              endTimeUnixNano: 2,
              attributes: [
                text('http.request.method', 'GET'),
                text('url.path', `/api/orders/${i * 7919}`),
                integer('http.response.status_code', i % 100 === 99 ? 503 : 200),
                text('server.address', benchServices[i % benchServices.length] ?? ''),
                integer('server.port', 8080),
                text('user.id', String((i * 31) % 5000)),
                text('network.protocol.version', '1.1'),
                text('request.id', placeholder),
              ],
              ...(i % 100 === 99 ? { status: { code: 2 } } : {}),
            })),
          },
        ],
      },
    ],
  };
  return Buffer.from(requestTypes.traces.encode(requestTypes.traces.fromObject(message)).finish());
}

interface Patches {
  readonly bytes: Buffer;
  readonly traceIds: number[];
  readonly spanIds: number[];
  readonly parentIds: number[];
  readonly starts: number[];
  readonly ends: number[];
  readonly requestIds: number[];
}

function positions(bytes: Buffer, mark: Buffer, skip: number): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + mark.length)) found.push(at + skip);
  return found;
}

function findPatches(bytes: Buffer): Patches {
  const id = (tag: number, length: number, fill: number) =>
    positions(bytes, Buffer.concat([Buffer.from([tag, length]), Buffer.alloc(length, fill)]), 2);
  const time = (tag: number, value: number) => positions(bytes, Buffer.from([tag, value, 0, 0, 0, 0, 0, 0, 0]), 1);
  return {
    bytes,
    traceIds: id(0x0a, 16, 0xa1),
    spanIds: id(0x12, 8, 0xa2),
    parentIds: id(0x22, 8, 0xa3),
    starts: time(0x39, 1),
    ends: time(0x41, 2),
    requestIds: positions(bytes, Buffer.from(placeholder), 0),
  };
}

/**
 * Makes OTLP requests of distinct spans, 8 attributes each, in traces of 8 spans, cheaply: a request is a copy of a template with
 * other ids, times and request ids written into it.
 */
export class SpanBatches {
  private readonly templates: Patches[];
  private readonly spans: number;
  private count = 0;
  private readonly salt: number;

  constructor(spans: number, salt: number) {
    this.spans = spans;
    this.salt = salt >>> 0;
    this.templates = benchServices.map((service) => findPatches(template(service, spans)));
  }

  /** The next request; its spans started just before `nowMs`. */
  next(nowMs: number): Buffer {
    const patches = this.templates[this.count % this.templates.length];
    if (patches === undefined) throw new Error('there are no templates');
    const { bytes } = patches;
    const nowNs = BigInt(Math.round(nowMs)) * 1_000_000n;
    for (let i = 0; i < this.spans; i++) {
      const trace = this.count * (this.spans / spansPerTrace) + Math.floor(i / spansPerTrace) + 1;
      const span = this.count * this.spans + i + 1;
      const at = patches.traceIds[i] as number;
      bytes.writeUInt32BE(scramble(trace + this.salt), at);
      bytes.writeUInt32BE(scramble(trace), at + 4);
      bytes.writeUInt32BE(this.salt, at + 8);
      bytes.writeUInt32BE(trace, at + 12);
      bytes.writeUInt32BE(scramble(span), patches.spanIds[i] as number);
      bytes.writeUInt32BE(span, (patches.spanIds[i] as number) + 4);
      bytes.write(scramble(span).toString(16).padStart(8, '0'), patches.requestIds[i] as number, 'latin1');
      const start = nowNs + BigInt(i * 1000);
      bytes.writeBigUInt64LE(start, patches.starts[i] as number);
      bytes.writeBigUInt64LE(start + BigInt(1_000_000 + (scramble(span) % 500_000_000)), patches.ends[i] as number);
    }
    this.patchParents(patches);
    this.count++;
    return bytes;
  }

  private patchParents(patches: Patches): void {
    let child = 0;
    for (let i = 0; i < this.spans; i++) {
      if (i % spansPerTrace === 0) continue;
      const parent = patches.spanIds[i - 1] as number;
      patches.bytes.copy(patches.bytes, patches.parentIds[child++] as number, parent, parent + 8);
    }
  }
}

/** Spreads the bits of a counter over 32 bits, without collisions (the finalizer of MurmurHash3). */
function scramble(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
