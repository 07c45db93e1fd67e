import { BIGINT, UBIGINT, UINTEGER, USMALLINT, UTINYINT, UUID } from '@duckdb/node-api';
import { ColumnBuffer, fixed, text } from './column-buffer.ts';
import type { BatchColumn } from './table-writer.ts';

const sizes = { rows: 32_768, keptRows: 65_536, heapBytes: 2 << 20, keptHeapBytes: 16 << 20 };

const u32 = (words: number, rows: number): Uint32Array => new Uint32Array(words * rows);

/** Columns by the number of values that a row takes in them. */
function allocate(rows: number) {
  return {
    traceId: u32(4, rows),
    spanId: u32(2, rows),
    parentId: u32(2, rows),
    startNs: u32(2, rows),
    durationNs: u32(2, rows),
    kind: new Uint8Array(rows),
    status: new Uint8Array(rows),
    httpStatus: new Uint16Array(rows),
    resource: u32(1, rows),
    service: u32(4, rows),
    name: u32(4, rows),
    scope: u32(4, rows),
    peer: u32(4, rows),
    peerPort: new Uint16Array(rows),
    system: u32(4, rows),
    target: u32(4, rows),
    attributes: u32(4, rows),
    statusMessage: u32(4, rows),
    extra: u32(4, rows),
    extraValid: new Uint8Array(rows),
  };
}
type Columns = ReturnType<typeof allocate>;

/**
 * Decoded spans that are not in the database yet, in the layout that it takes them in. A decoder writes row `rows` and then
 * counts it; a request that turns out to be malformed is taken back with `mark` and `rollback`.
 */
export class SpanBuffer extends ColumnBuffer<Columns> {
  constructor() {
    super(allocate, sizes);
  }

  /** When the span of a row started, epoch milliseconds. */
  startMs(row: number): number {
    const { startNs } = this.columns;
    return ((startNs[row * 2 + 1] as number) * 4294967296 + (startNs[row * 2] as number)) / 1e6;
  }

  mark(): { rows: number; heap: number } {
    return { rows: this.rows, heap: this.heap.length };
  }

  rollback(mark: { rows: number; heap: number }): void {
    this.rows = mark.rows;
    this.heap.length = mark.heap;
  }

  protected inTableOrder(c: Columns): BatchColumn[] {
    return [
      fixed(UUID, 16, c.traceId),
      fixed(UBIGINT, 8, c.spanId),
      fixed(UBIGINT, 8, c.parentId),
      fixed(BIGINT, 8, c.startNs),
      fixed(BIGINT, 8, c.durationNs),
      fixed(UTINYINT, 1, c.kind),
      fixed(UTINYINT, 1, c.status),
      fixed(USMALLINT, 2, c.httpStatus),
      fixed(UINTEGER, 4, c.resource),
      text(c.service),
      text(c.name),
      text(c.scope),
      text(c.peer),
      fixed(USMALLINT, 2, c.peerPort),
      text(c.system),
      text(c.target),
      text(c.attributes),
      text(c.statusMessage),
      text(c.extra, c.extraValid),
    ];
  }
}
