import { type DuckDBType, VARCHAR } from '@duckdb/node-api';
import { StringHeap } from './string-heap.ts';
import type { Batch, BatchColumn } from './table-writer.ts';

/** Arrays of one value or several for each row, by name. */
export type Columns = Readonly<Record<string, BatchColumn['data']>>;

export interface ColumnBufferSizes {
  /** For so many rows there is room from the start. */
  readonly rows: number;
  /** Arrays for more rows than this are given back once they were written. */
  readonly keptRows: number;
  readonly heapBytes: number;
  readonly keptHeapBytes: number;
}

/** Rows that are not in the database yet, by column, in the layout that it takes them in. */
export abstract class ColumnBuffer<C extends Columns> {
  rows = 0;
  columns: C;
  readonly heap: StringHeap;
  private readonly allocate: (rows: number) => C;
  private readonly sizes: ColumnBufferSizes;
  private capacity: number;

  /** `allocate` makes empty columns for a number of rows. */
  constructor(allocate: (rows: number) => C, sizes: ColumnBufferSizes) {
    this.allocate = allocate;
    this.sizes = sizes;
    this.capacity = sizes.rows;
    this.columns = allocate(sizes.rows);
    this.heap = new StringHeap(sizes.heapBytes);
  }

  /** Makes room for one more row. `columns` may be other arrays afterwards. */
  reserveRow(): void {
    if (this.rows < this.capacity) return;
    const grown = this.allocate(this.capacity * 2);
    // The same column is an array of the same kind in both.
    for (const [name, column] of Object.entries(grown)) (column as Uint8Array).set(this.columns[name] as Uint8Array);
    this.columns = grown;
    this.capacity *= 2;
  }

  clear(): void {
    this.rows = 0;
    this.heap.clear(this.sizes.keptHeapBytes);
    if (this.capacity <= this.sizes.keptRows) return;
    this.capacity = this.sizes.rows;
    this.columns = this.allocate(this.capacity);
  }

  /** The rows in the order of the table's columns. */
  batch(): Batch {
    return {
      rows: this.rows,
      heap: this.heap.bytes.subarray(0, this.heap.length),
      columns: this.inTableOrder(this.columns),
    };
  }

  protected abstract inTableOrder(columns: C): BatchColumn[];
}

/** A column of numbers in DuckDB's layout. */
export function fixed(
  type: DuckDBType,
  bytesPerRow: number,
  data: BatchColumn['data'],
  valid: Uint8Array | null = null,
): BatchColumn {
  return { type, bytesPerRow, data, valid, strings: false };
}

/** A column of string records. */
export function text(data: Uint32Array, valid: Uint8Array | null = null): BatchColumn {
  return { type: VARCHAR, bytesPerRow: 16, data, valid, strings: true };
}
