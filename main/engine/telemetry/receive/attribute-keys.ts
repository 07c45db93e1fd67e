import { StringHeap } from '../store/string-heap.ts';

/** What an attribute tells beside itself; the store keeps these in columns of their own. */
export const hotSlots = { none: 0, httpStatus: 1, peer: 2, peerPort: 3, system: 4, target: 5 } as const;
export const hotSlotCount = 6;

/** Keys by slot, the first that is present and not empty counts. Names of OpenTelemetry's semantic conventions, new before old. */
const hotKeys: readonly (readonly [slot: number, keys: readonly string[]])[] = [
  [hotSlots.httpStatus, ['http.response.status_code', 'http.status_code']],
  [hotSlots.peer, ['peer.service', 'server.address', 'net.peer.name', 'network.peer.address', 'net.peer.ip']],
  [hotSlots.peerPort, ['server.port', 'net.peer.port', 'network.peer.port']],
  [hotSlots.system, ['db.system.name', 'db.system', 'messaging.system', 'rpc.system.name', 'rpc.system']],
  [
    hotSlots.target,
    [
      ...['db.namespace', 'db.name', 'messaging.destination.name', 'messaging.destination'],
      // RabbitMQ's default exchange has no name: it takes a message to the queue that the routing key names.
      ...['messaging.rabbitmq.destination.routing_key', 'messaging.rabbitmq.routing_key'],
    ],
  ],
];

export interface AttributeKey {
  readonly raw: Uint8Array;
  /** `"key":`, escaped. */
  readonly json: Uint8Array;
  readonly slot: number;
  /** 0 is the best. */
  readonly rank: number;
}

const tableSize = 8192;
/** Beyond this many keys no further one is remembered, so that made-up keys cost time but no memory. */
const maxKeys = 4096;
/** Nor is one that is longer than any that is meant: a few of a megabyte would fill the memory. */
const longestKept = 256;

/** Remembers attribute keys with their JSON form, looked up by bytes. */
export class AttributeKeys {
  private readonly table: (AttributeKey | undefined)[] = new Array(tableSize).fill(undefined);
  private readonly scratch = new StringHeap(1024);
  private count = 0;

  constructor() {
    const encoder = new TextEncoder();
    for (const [slot, keys] of hotKeys) {
      keys.forEach((key, rank) => {
        const raw = encoder.encode(key);
        this.insert(this.place(raw, 0, raw.length), this.make(raw, 0, raw.length, slot, rank));
      });
    }
  }

  /** The key in `source` from `from` to `to`. */
  find(source: Uint8Array, from: number, to: number): AttributeKey {
    const place = this.place(source, from, to);
    const found = this.table[place];
    if (found !== undefined) return found;
    const key = this.make(source, from, to, hotSlots.none, 0);
    if (this.count < maxKeys && to - from <= longestKept) this.insert(place, key);
    return key;
  }

  /** Where the key is, or where it belongs. */
  private place(source: Uint8Array, from: number, to: number): number {
    const length = to - from;
    let hash = length;
    if (length > 0) {
      hash = hash * 33 + (source[from] as number);
      hash = hash * 33 + (source[to - 1] as number);
      hash = hash * 33 + (source[from + (length >> 1)] as number);
      hash = hash * 33 + (source[from + (length >> 2)] as number);
      hash = hash * 33 + (source[to - 1 - (length >> 2)] as number);
    }
    let place = (hash ^ (hash >>> 13)) & (tableSize - 1);
    for (;;) {
      const entry = this.table[place];
      if (entry === undefined || equal(entry.raw, source, from, length)) return place;
      place = (place + 1) & (tableSize - 1);
    }
  }

  private insert(place: number, key: AttributeKey): void {
    this.table[place] = key;
    this.count++;
  }

  private make(source: Uint8Array, from: number, to: number, slot: number, rank: number): AttributeKey {
    this.scratch.clear(1024);
    this.scratch.json(source, from, to);
    this.scratch.byte(0x3a);
    return { raw: source.slice(from, to), json: this.scratch.bytes.slice(0, this.scratch.length), slot, rank };
  }
}

function equal(raw: Uint8Array, source: Uint8Array, from: number, length: number): boolean {
  if (raw.length !== length) return false;
  for (let i = 0; i < length; i++) if (raw[i] !== source[from + i]) return false;
  return true;
}
