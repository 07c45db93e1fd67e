import { BLOB, type DuckDBAppender, type DuckDBConnection, DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** Rows that one DuckDB vector holds. */
const vectorSize = 2048;

type Words = Uint8Array | Uint16Array | Uint32Array | BigInt64Array | BigUint64Array;

/** One column of a batch: its values in DuckDB's own layout, rows one after the other. */
export interface BatchColumn {
  readonly type: DuckDBType;
  readonly bytesPerRow: number;
  /** String records whose offsets refer to the batch's heap. */
  readonly strings: boolean;
  /** One byte a row, 0 for NULL; absent when the column has none. */
  readonly valid: Uint8Array | null;
  readonly data: Words;
}

/** A batch of rows, by column in the table's order, with the characters of its strings. */
export interface Batch {
  readonly rows: number;
  readonly columns: readonly BatchColumn[];
  readonly heap: Uint8Array;
}

/**
 * Appends batches to one table without touching values one by one: a copy per column and vector. When `write` returns, all rows are
 * in the connection's transaction; when it throws, the transaction is broken.
 */
export class TableWriter {
  private readonly connection: DuckDBConnection;
  private readonly table: string;
  private appender: DuckDBAppender | null = null;
  private chunk: DuckDBDataChunk | null = null;
  private readonly scratch = new Uint32Array(vectorSize * 4);

  constructor(connection: DuckDBConnection, table: string) {
    this.connection = connection;
    this.table = table;
  }

  async write(batch: Batch): Promise<void> {
    if (batch.rows === 0) return;
    this.appender ??= await this.connection.createAppender(this.table);
    this.chunk ??= DuckDBDataChunk.create(batch.columns.map((column) => column.type));
    const appender = this.appender;
    try {
      const holder = heapHolder(batch.heap);
      for (let from = 0; from < batch.rows; from += vectorSize) {
        this.fill(this.chunk, batch, from, Math.min(vectorSize, batch.rows - from), holder.address);
        appender.appendDataChunk(this.chunk);
      }
      holder.chunk.reset();
      appender.flushSync();
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Ends the appender; nothing is pending between writes. */
  close(): void {
    this.discard();
  }

  private discard(): void {
    const appender = this.appender;
    this.appender = null;
    this.chunk = null;
    if (appender === null) return;
    try {
      appender.clear();
      appender.closeSync();
    } catch {
      // It holds nothing any more; the failure that led here is what gets reported.
    }
  }

  private fill(target: DuckDBDataChunk, batch: Batch, from: number, rows: number, heapAddress: bigint): void {
    const chunk = target.chunk;
    duckdb.data_chunk_reset(chunk);
    batch.columns.forEach((column, index) => {
      const vector = duckdb.data_chunk_get_vector(chunk, index);
      if (column.valid !== null) setValidity(vector, column.valid, from, rows);
      if (column.strings) {
        this.relocate(column.data as Uint32Array, from, rows, heapAddress);
        duckdb.copy_data_to_vector(vector, 0, this.scratch.buffer as ArrayBuffer, 0, rows * 16);
      } else {
        const bytes = column.bytesPerRow;
        duckdb.copy_data_to_vector(
          vector,
          0,
          column.data.buffer as ArrayBuffer,
          column.data.byteOffset + from * bytes,
          rows * bytes,
        );
      }
    });
    duckdb.data_chunk_set_size(chunk, rows);
  }

  /** String records with the heap's address added to their offsets. */
  private relocate(source: Uint32Array, from: number, rows: number, heapAddress: bigint): void {
    const low = Number(heapAddress & 0xffffffffn);
    const high = Number(heapAddress >> 32n);
    const target = this.scratch;
    const end = rows * 4;
    for (let to = 0, at = from * 4; to < end; to += 4, at += 4) {
      const length = source[at] as number;
      target[to] = length;
      target[to + 1] = source[at + 1] as number;
      if (length > 12) {
        const sum = low + (source[at + 2] as number);
        target[to + 2] = sum;
        target[to + 3] = sum > 0xffffffff ? high + 1 : high;
      } else {
        target[to + 2] = source[at + 2] as number;
        target[to + 3] = source[at + 3] as number;
      }
    }
  }
}

/** The heap in memory that DuckDB can read, as one value of a chunk of its own, and where it lies. */
function heapHolder(heap: Uint8Array): { chunk: DuckDBDataChunk; address: bigint } {
  const holder = DuckDBDataChunk.create([BLOB]);
  if (heap.length <= 12) return { chunk: holder, address: 0n };
  const vector = duckdb.data_chunk_get_vector(holder.chunk, 0);
  duckdb.vector_assign_string_element_len(vector, 0, heap);
  const record = duckdb.vector_get_data(vector, 16);
  const address = new DataView(record.buffer, record.byteOffset, 16).getBigUint64(8, true);
  return { chunk: holder, address };
}

function setValidity(vector: duckdb.Vector, valid: Uint8Array, from: number, rows: number): void {
  const bits = new Uint8Array(vectorSize / 8);
  for (let i = 0; i < rows; i++) {
    if (valid[from + i] === 1) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  }
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, bits.buffer, 0, bits.length);
}
